# docker build -t sketchpad . && docker run --rm --read-only --tmpfs /tmp -p 7860:7860 sketchpad
FROM python:3.12-slim

WORKDIR /app
COPY requirements.txt .
# Which build of PyTorch: cpu, or for a GPU cu130 and others, as --build-arg TORCH=cu130. pip alone would take the one
# for GPUs, which is several gigabytes larger.
ARG TORCH=cpu
RUN pip install --no-cache-dir uv && uv pip install --system --no-cache --torch-backend="$TORCH" -r requirements.txt
COPY . .

# The server writes only to /tmp, so the user needs no home. A numeric USER lets Kubernetes verify that it is not root.
RUN useradd --no-create-home --uid 1000 sketchpad
USER 1000

ENV GRADIO_SERVER_NAME=0.0.0.0 PORT=7860
EXPOSE 7860
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import os, urllib.request as u; e = os.environ; u.urlopen(f\"http://127.0.0.1:{e.get('GRADIO_SERVER_PORT') or e['PORT']}/health\")"]
CMD ["python", "app.py"]
