"""What most scripts do: list with a tag filter, group by volume, keep the newest 7 and one of each of 30 days.

Prints how many are kept, the seconds of processor time of the loop, and the peak resident size in MiB.
"""

import collections
import resource
import sys
import time

import boto3


def kept(snapshots):
    newest_first = sorted(snapshots, key=lambda s: s["StartTime"], reverse=True)
    keep = {s["SnapshotId"] for s in newest_first[:7]}
    days = {}
    for snapshot in newest_first:
        days.setdefault(snapshot["StartTime"].date(), snapshot["SnapshotId"])
    return keep | set(list(days.values())[:30])


def main():
    client = boto3.client(
        "ec2", region_name="us-east-1", endpoint_url=sys.argv[1], aws_access_key_id="A", aws_secret_access_key="s")
    start = time.process_time()
    volumes = collections.defaultdict(list)
    pages = client.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"], Filters=[{"Name": "tag:snapwarden:fleet", "Values": ["acme"]}],
        PaginationConfig={"PageSize": 1000})
    for page in pages:
        for snapshot in page["Snapshots"]:
            volumes[snapshot["VolumeId"]].append(snapshot)
    count = sum(len(kept(snapshots)) for snapshots in volumes.values())
    seconds = time.process_time() - start
    print(count, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


main()
