"""Where a webhook may go: nothing inside a special block of addresses, and no URL in an odd spelling."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.adapters.resolver import RefusedAddress, parse_url
from services.notify.domain.addresses import GLOBAL_UNICAST, NAT64, SPECIAL_IPV4, SPECIAL_IPV6, is_public

REGISTERED = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32"),
    *("192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
    *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"),
    *("255.255.255.255/32", "224.0.0.0/4"),
    *("::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23"),
    *("2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32"),
    *("2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16"),
    *("2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    *("::/96", "::ffff:0:0:0/96", "3ffe::/16", "::/8", "200::/7", "4000::/3", "8000::/2", "c000::/3"),
)
"""The rows of both IANA registries, multicast, and what is out of use; not NAT64, which is as its IPv4 address."""


def within(block: str) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    network = IPv6Network(block) if ":" in block else IPv4Network(block)
    make = type(network.network_address)
    return st.integers(int(network.network_address), int(network.broadcast_address)).map(make)


@pytest.mark.parametrize("block", REGISTERED)
def test_the_ends_of_a_registered_block_are_not_public(block: str) -> None:
    network = IPv6Network(block) if ":" in block else IPv4Network(block)
    assert not is_public(network.network_address)
    assert not is_public(network.broadcast_address)


@given(st.sampled_from([*REGISTERED, *map(str, SPECIAL_IPV4), *map(str, SPECIAL_IPV6)]).flatmap(within))
def test_nothing_inside_a_special_block_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)


@given(st.sampled_from([str(block) for block in SPECIAL_IPV4]).flatmap(within), st.data())
def test_no_form_of_ipv6_hides_a_special_ipv4_address(inner: IPv4Address, data: st.DataObject) -> None:
    low = int(inner)
    rest = data.draw(st.integers(0, 2**80 - 1))
    site = data.draw(st.integers(int(GLOBAL_UNICAST.network_address) >> 64, int(GLOBAL_UNICAST[-1]) >> 64))
    hidden = {
        "mapped": 0xFFFF << 32 | low,
        "compatible": low,
        "translated": 0xFFFF << 48 | low,
        "NAT64": int(NAT64.network_address) | low,
        "NAT64, local prefix of 96 bits": int(IPv6Address("64:ff9b:1::")) | low,
        "NAT64, local prefix of 48 bits": int(IPv6Address("64:ff9b:1::")) | low >> 16 << 64 | (low & 0xFFFF) << 40,
        "6to4": 0x2002 << 112 | low << 80 | rest,
        "Teredo, server": 0x20010000 << 96 | low << 64 | rest & (2**64 - 1),
        "Teredo, client": 0x20010000 << 96 | rest >> 48 << 64 | low ^ 0xFFFFFFFF,
        "ISATAP, private": site << 64 | 0x00005EFE << 32 | low,
        "ISATAP, public": site << 64 | 0x02005EFE << 32 | low,
    }
    assert [form for form, address in hidden.items() if is_public(IPv6Address(address))] == []


@given(st.ip_addresses(v=4))
def test_nat64_is_as_good_as_the_address_that_it_stands_for(inner: IPv4Address) -> None:
    assert is_public(IPv6Address(int(NAT64.network_address) | int(inner))) == is_public(inner)


@given(st.ip_addresses(v=6))
def test_what_is_public_in_ipv6_is_given_out_to_hosts(address: IPv6Address) -> None:
    assert not is_public(address) or address in GLOBAL_UNICAST or address in NAT64


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "103.10.10.10", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0"),
        *("192.0.1.0", "192.88.98.1", "198.20.0.0", "223.255.255.255", "169.253.1.1"),
        *("2404:6800:4003::1", "2001:200::1", "2001:db7::1", "2003::1", "3fff:1000::1", "64:ff9b::808:808"),
    ],
)
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        # ports
        *("http://a.example:0/", "http://a.example:99999/", "http://a.example:65536/", "http://a.example:-1/"),
        *("http://a.example:8x/", "http://a.example:80:80/"),
        # other schemes, no host
        *("ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "//a.example/", "a.example", "http:/a/"),
        *("http:///a", "https://", "javascript:alert(1)", "http://?a"),
        # who else is named
        *("http://name:word@a.example/", "http://a.example@b.example/", "http://a\\@b.example/", "http://@@a/"),
        *("http://a.example/#part",),
        # an IPv4 address in other words
        *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://017700000001/", "http://0177.0.0.1/"),
        *("http://127.1/", "http://127.0.1/", "http://127.0.0.01/", "http://127.0.0.1./", "http://127.0.0.256/"),
        *("http://a.0x4/", "http://0x/", "http://1.2.3.4.5/", "http://１２７.0.0.1/", "http://①②⑦.0.0.1/"),
        # zones, and what is no IPv6 address
        *(
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://[fe80::1%251]/",
            "http://[::1/",
            "http://::1/",
        ),
        *("http://[127.0.0.1]/", "http://[v1.a]/", "http://[::1]x/", "http://[1::2::3]/"),
        # escapes and signs in names
        *("http://%31%32%37.0.0.1/", "http://a%00.example/", "http://a%2eb/", "http://a b.example/", "http://a..b/"),
        *(
            "http://.a.example/",
            "http://a.example./",
            "http://a\r\nb/",
            "http://a\tb/",
            "http://xn--a/",
            "http://ⓐ.b/",
        ),
        *(f"http://{'a' * 64}.example/", f"http://{'a.' * 127}aa/", "http://a*b.example/", "http://$(id)/"),
    ],
)
def test_a_url_in_an_odd_spelling_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddress):
        parse_url(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://provinsi.example/peringatan?dari=dukcapil", b"provinsi.example"),
        ("HTTPS://Provinsi.EXAMPLE:8443/", b"provinsi.example"),
        ("https://dukcapil-bengkulu.example", b"dukcapil-bengkulu.example"),
        ("https://münchen.example/", b"xn--mnchen-3ya.example"),
        ("http://103.10.10.10:65535/", b"103.10.10.10"),
        ("http://[2404:6800:4003::1]/", b"2404:6800:4003::1"),
        ("http://4u.example/", b"4u.example"),
        ("http://127。0。0。1/", b"127.0.0.1"),  # what else it spells is looked at as an address
    ],
)
def test_a_plain_url_names_its_host(url: str, host: bytes) -> None:
    assert parse_url(url).raw_host == host
