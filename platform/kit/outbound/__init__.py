"""HTTP to addresses that users name: to the world, not to the network this installation stands in.

A user who may name an address could otherwise make this server speak to what only it can reach:
its own ports, the machines beside it, the cloud's metadata service. So a name is resolved here,
each address is judged, and the connection goes to a judged address: what the name resolves to a
moment later is of no matter. Redirects are not followed, answers are cut, time is bounded.
"""

from kit.outbound.addresses import BadAddress, check_url
from kit.outbound.client import Answer, Unreachable, post

__all__ = ["Answer", "BadAddress", "Unreachable", "check_url", "post"]
