# One image a service, with only its own packages: docker build --build-arg SERVICE=requests .
FROM python:3.13-slim AS packages
ARG SERVICE
COPY requirements/${SERVICE}.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.13-slim
ARG SERVICE
ENV SERVICE=${SERVICE} PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 jemput-bola
COPY --from=packages /venv /venv
WORKDIR /app
COPY shared ./shared
COPY services/__init__.py ./services/__init__.py
COPY services/${SERVICE} ./services/${SERVICE}
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=5 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["sh", "-c", "exec python -m services.$SERVICE"]
