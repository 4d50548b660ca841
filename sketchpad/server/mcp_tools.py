"""Errors of the MCP tools: our sentences with their code, as over HTTP.

Gradio calls the API's functions for an MCP client and passes on the text of any exception: its own, the MCP
package's, or ours without the code.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from gradio.mcp import GradioMCPServer
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]  # it has no stubs
from mcp.server import Server
from mcp.types import CallToolResult, TextContent

from model import InputError

from .images import data_of_url

Call = Callable[[str, dict[str, Any]], Awaitable[CallToolResult]]

log = logging.getLogger("sketchpad")


class ToolServer(Server[Any, Any]):
    """The MCP server that Gradio sets up, with checked arguments and readable errors."""

    def call_tool(self, *, validate_input: bool = False) -> Callable[[Call], Any]:
        """Register the function that calls a tool. Our functions validate the arguments themselves."""
        register = super().call_tool(validate_input=validate_input)

        def decorator(call: Call) -> Any:  # noqa: ANN401 - the package's own type
            async def call_safely(name: str, arguments: dict[str, Any]) -> CallToolResult:
                try:
                    tool = self._tool_cache.get(name)  # the package has filled it by now
                    check_call(name, arguments, tool.inputSchema["properties"] if tool else None)
                    return await call(name, arguments)
                except InputError as error:
                    return error_result(str(error), error.code)
                except AppError as error:  # Gradio's; ours have their code as title
                    if error.title != "Error":
                        return error_result(error.message, error.title)
                except Exception:
                    log.exception("tool")
                return error_result("The server failed to answer; its log has the reason.", "server")

            return register(call_safely)

        return decorator


def check_call(name: str, arguments: dict[str, Any], expected: Iterable[str] | None) -> None:
    """InputError for a tool that does not exist or other arguments than the ``expected`` ones."""
    if expected is None:
        raise InputError(f"There is no tool {name}.", "tool.name")
    if set(arguments) != set(expected):
        raise InputError(f"{name} takes {' and '.join(expected) or 'no arguments'}.", "tool.arguments")
    image = arguments.get("image", "data:image/")
    if not isinstance(image, str) or not image.startswith(("http://", "https://", "data:image/")):
        raise InputError("The image must be an http or https address, or a data URL.", "picture.kind")
    if image.startswith("data:") and "image" in arguments:
        data_of_url(image)


def error_result(sentence: str, code: str) -> CallToolResult:
    """Models read the text, programs the structure."""
    return CallToolResult(
        isError=True,
        content=[TextContent(type="text", text=f"{sentence} ({code})")],
        structuredContent={"error": sentence, "code": code},
    )


def explain_errors() -> None:
    """Make Gradio set up a `ToolServer`."""
    if not hasattr(GradioMCPServer, "Server"):
        raise RuntimeError(
            "This version of Gradio sets up MCP differently; its errors would not be readable."
        )
    setattr(GradioMCPServer, "Server", ToolServer)  # noqa: B010 - mypy allows no assignment
