# DocMind's app alone; models, documents and the servers beside it are mounted or reached at run time.
# PIP_EXTRA_INDEX_URL may name an index with torch's CPU build: without it pip brings the CUDA one, which works here
# too and takes gigabytes more.
FROM python:3.11.15-slim-bookworm AS build
ARG PIP_EXTRA_INDEX_URL=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /opt/docmind
WORKDIR /src
COPY . .
RUN PIP_EXTRA_INDEX_URL="${PIP_EXTRA_INDEX_URL}" /opt/docmind/bin/pip install .

FROM python:3.11.15-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin docmind \
    && install -d -o docmind -g docmind /data
COPY --from=build /opt/docmind /opt/docmind
ENV PATH=/opt/docmind/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    HF_HUB_OFFLINE=1 \
    DOCMIND_DATA_DIR=/data/library \
    DOCMIND_MODELS_DIR=/models
USER docmind
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('DOCMIND_PORT', '8501') + '/_stcore/health', timeout=4)"]
# The app listens to 127.0.0.1 of the network it is in: give it the host's (docs/scale-out.md), no published port.
CMD ["docmind", "--no-browser"]
