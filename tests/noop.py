"""A page without a reader, to measure the throughput of HTTP and Gradio alone on this machine.

python -m tests.noop --port 7861
"""

from __future__ import annotations

import argparse

import gradio as gr


async def live(payload: object) -> dict[str, object]:
    """Without a pause, a client would send a request in every frame; the page keeps 40 ms."""
    return {"digits": [], "pause": 40}


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a pad that reads nothing.")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    with gr.Blocks(analytics_enabled=False) as demo:
        gr.HTML("", server_functions=[live])
    demo.launch(server_name="127.0.0.1", server_port=options.port, ssr_mode=False, run_history=False)


if __name__ == "__main__":
    main()
