# Penstock as a container: docker build -t penstock:0.1.0 .
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY src src
# The lock pins what the product needs; what only its tests need is left out.
RUN python -m venv --without-pip /opt/penstock \
 && pip --python /opt/penstock/bin/python install --no-cache-dir --constraint requirements.lock .

FROM python:3.11.13-slim-bookworm
COPY --from=build /opt/penstock /opt/penstock
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent penstock \
 && install --directory --owner penstock --group penstock --mode 0700 /var/lib/penstock
ENV PATH=/opt/penstock/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
VOLUME /var/lib/penstock
EXPOSE 5170 9470
# /livez answers while the event loop turns; whether events can be taken is /readyz, and no reason to restart.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9470/livez', timeout=2)"]
ENTRYPOINT ["penstock"]
CMD ["run", "--config", "/etc/penstock/penstock.yaml"]
