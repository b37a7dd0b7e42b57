"""An httpx transport into a simulator in the same process; lost answers look as they do on a real wire."""

import httpx

from fortnox_sync.simulator.app import SimulatedFortnox
from fortnox_sync.simulator.delivery import HungUpError


class InProcess(httpx.AsyncBaseTransport):
    """Carries requests to the app without a socket.

    A silent connection ends at once as a read time-out, so that no test has to wait for it.
    """

    def __init__(self, app: SimulatedFortnox) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        try:
            return await self._inner.handle_async_request(request)
        except HungUpError as hung_up:
            raise _as_seen_on_a_wire(hung_up, request) from hung_up


def _as_seen_on_a_wire(hung_up: HungUpError, request: httpx.Request) -> httpx.TransportError:
    if hung_up.how == "silence":
        return httpx.ReadTimeout("", request=request)
    if hung_up.how == "reset":
        return httpx.ReadError("", request=request)
    if hung_up.expected:
        got = f"received {hung_up.got} bytes, expected {hung_up.expected}"
        return httpx.RemoteProtocolError(
            f"peer closed connection without sending complete message body ({got})", request=request
        )
    return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
