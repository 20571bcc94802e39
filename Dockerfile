# One image for the API, the worker and its clock; compose.yaml says which is which.
FROM python:3.11-slim AS environment
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
# Labels are drawn with this font; without it PNG is refused.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data tanhui && install --directory --owner tanhui --mode 0700 /data
COPY --from=environment /venv /venv
COPY --from=environment /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TANHUI_DATA_DIR=/data TANHUI_HOST=0.0.0.0
WORKDIR /app
USER tanhui
VOLUME /data
EXPOSE 8000
CMD ["tanhui", "up"]
