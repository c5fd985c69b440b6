"""Asks botocore where each of our services is, and prints endpoints.json.

    python make-endpoints.py > endpoints.json

One row for each service and region: its hosts plain, FIPS, dual-stack, and both; null is what botocore refuses. The regions are all that botocore's
partitions name, and for each pattern of names one that does not exist yet.
"""

import json

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import EndpointVariantError

SERVICES = ["ec2", "lightsail", "sts", "kms"]
VARIANTS = [(False, False), (True, False), (False, True), (True, True)]
NEW = [
    "us-south-9", "eu-south-9", "ap-north-11", "sa-west-2", "ca-north-4", "me-north-3", "af-east-1", "il-south-2",
    "mx-north-2", "cn-south-9", "us-gov-north-3", "eusc-de-west-9", "us-iso-north-7", "us-isob-north-7",
    "eu-isoe-north-7", "us-isof-north-7", "moon-base-1", "nowhere",
]


def regions(session):
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    known = [region for partition in partitions for region in partition["regions"] if not region.endswith("-global")]
    return sorted(known) + NEW


def host(session, service, region, fips, dual):
    """None where botocore refuses to make a client."""
    try:
        client = session.create_client(
            service, region_name=region, aws_access_key_id="A", aws_secret_access_key="s",
            config=Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual))
    except EndpointVariantError:
        return None
    # What the rules give for a call, not the address that the client was made with.
    resolved = client._ruleset_resolver.construct_endpoint(
        operation_model=client.meta.service_model.operation_model(client.meta.service_model.operation_names[0]),
        call_args={}, request_context={})
    schemes = resolved.properties.get("authSchemes") or [{}]
    assert schemes[0].get("signingRegion", region) == region, (service, region, schemes)
    assert resolved.url.startswith("https://")
    return resolved.url.removeprefix("https://")


def main():
    session = botocore.session.Session()
    rows = [
        {"service": service, "region": region, "hosts": [host(session, service, region, *v) for v in VARIANTS]}
        for service in SERVICES for region in regions(session)
    ]
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    print('{"botocore": %s, "rows": [\n%s\n]}' % (json.dumps(botocore.__version__), lines))


main()
