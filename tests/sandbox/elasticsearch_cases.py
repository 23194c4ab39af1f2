"""All requests that the played and the real ones have to answer alike."""

from tests.sandbox.elasticsearch_bodies import BODIES, CONTENT, NAMES
from tests.sandbox.elasticsearch_fields import DOCUMENTS, MAPPINGS, TYPES
from tests.sandbox.elasticsearch_indices import INDICES, STREAMS

CASES = [*BODIES, *CONTENT, *NAMES, *DOCUMENTS, *TYPES, *MAPPINGS, *STREAMS, *INDICES]
