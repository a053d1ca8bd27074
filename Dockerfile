# One image a service with only its own packages, and one for the operator's tools:
#   docker build --build-arg EXTRA=requests --target service .      docker build --target tools .
# What all of them need is one layer, shared; what a target needs more comes on top.
FROM python:3.13-slim AS common
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 jemput-bola && python -m venv --without-pip /venv \
    # A volume mounted here takes over whose folder it is.
    && install -d -o jemput-bola /var/lib/jemput-bola/attachments
COPY requirements/common.txt /requirements/
RUN pip --python /venv install --quiet --no-cache-dir --no-deps --require-hashes -r /requirements/common.txt
WORKDIR /app
COPY shared ./shared

FROM common AS tools
COPY requirements/tools.txt /requirements/
RUN pip --python /venv install --quiet --no-cache-dir --no-deps --require-hashes -r /requirements/tools.txt
COPY services ./services
COPY ops ./ops
COPY deploy/Caddyfile ./deploy/
USER 10001
ENTRYPOINT ["python", "-m", "ops"]

FROM common AS service
ARG EXTRA
ENV SERVICE=${EXTRA} HOST=0.0.0.0 PORT=8000
COPY requirements/${EXTRA}.txt /requirements/
RUN pip --python /venv install --quiet --no-cache-dir --no-deps --require-hashes -r /requirements/${EXTRA}.txt
COPY services/__init__.py ./services/
COPY services/${EXTRA} ./services/${EXTRA}
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=240s --retries=6 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=8)"]
CMD ["sh", "-c", "exec python -m services.$SERVICE"]
