"""The configuration, composed from the models that live beside their code."""
