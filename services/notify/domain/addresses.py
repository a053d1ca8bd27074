"""Which addresses lie in the open internet: the only ones a webhook may go to (OWASP API7:2023).

The blocks are written out and nothing is left to the language: what `ipaddress` calls global has changed from one
version of Python to the next. They are those of the IANA special-purpose registries of IPv4 (RFC 6890) and IPv6,
whether IANA calls them globally reachable or not, for no receiver lives in any; and those that the registries leave
to other documents: multicast, class E, site-local addresses, and IPv6 addresses in which an IPv4 one is embedded.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

SPECIAL_IPV4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared by carriers (CGNAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; the metadata of clouds
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112, direct delegation
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved (class E), and the broadcast address
    )
)
SPECIAL_IPV6 = tuple(
    IPv6Network(block)
    for block in (
        "::/128",  # unspecified
        "::1/128",  # loopback
        "::/96",  # IPv4-compatible: 127.0.0.1 as ::7f00:1
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # NAT64 with a local prefix
        "100::/64",  # discard only
        "100:0:0:1::/64",  # dummy prefix
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, AMT, AS112, ORCHID, ORCHIDv2, DRIP
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112, direct delegation
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
        "5f00::/16",  # segment identifiers (SRv6)
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, deprecated
        "ff00::/8",  # multicast
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""The only block out of which IPv6 addresses of hosts are given."""
NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address as hosts without IPv4 reach it: as good as the one that is embedded."""
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: Address) -> bool:
    """Whether an address lies in the open internet, whatever form an IPv4 address takes inside an IPv6 one."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in SPECIAL_IPV4)
    embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in NAT64:
        return is_public(embedded)
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP and not is_public(embedded):
        return False
    return address in GLOBAL_UNICAST and not any(address in block for block in SPECIAL_IPV6)
