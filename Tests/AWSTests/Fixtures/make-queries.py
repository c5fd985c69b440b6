#!/usr/bin/env python3
"""Writes queries.json: the parameters that botocore sends for each EC2 request that we make, with every field set.

Made with botocore 1.43.11; run it again only to add cases:  python3 make-queries.py > queries.json
"""

import json

import botocore.session

TAGS = [{"Key": "snapwarden:fleet", "Value": "acme"}, {"Key": "Name", "Value": "a b+c/ü"}]
SPECIFICATION = [{"ResourceType": "snapshot", "Tags": TAGS}]
FILTERS = [{"Name": "tag:snapwarden:fleet", "Values": ["acme", "b*"]}, {"Name": "status", "Values": ["completed"]}]
DEVICES = [
    {"DeviceName": "/dev/xvda", "Ebs": {
        "SnapshotId": "snap-1", "VolumeSize": 8, "VolumeType": "io2", "Iops": 900, "Throughput": 125, "Encrypted": True,
        "KmsKeyId": "alias/dr", "DeleteOnTermination": True}},
    {"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-2"}},
]

REQUESTS = {
    "CreateSnapshots": {
        "Description": "snapwarden acme/web/i-1/2026-11-20T02:00:00Z",
        "InstanceSpecification": {
            "InstanceId": "i-1", "ExcludeBootVolume": False, "ExcludeDataVolumeIds": ["vol-1", "vol-2"],
        },
        "OutpostArn": "arn:aws:outposts:us-east-1:1:outpost/op-1", "TagSpecifications": SPECIFICATION, "DryRun": True,
        "CopyTagsFromSource": "volume", "Location": "regional",
    },
    "CreateSnapshot": {
        "Description": "snapwarden acme/web/vol-1/2026-11-20T02:00:00Z", "VolumeId": "vol-1",
        "OutpostArn": "arn:aws:outposts:us-east-1:1:outpost/op-1", "TagSpecifications": SPECIFICATION,
        "Location": "regional", "DryRun": True,
    },
    "CopySnapshot": {
        "SourceRegion": "us-east-1", "SourceSnapshotId": "snap-1", "Description": "d",
        "DestinationOutpostArn": "arn:o", "Encrypted": True, "KmsKeyId": "alias/dr",
        "TagSpecifications": SPECIFICATION, "CompletionDurationMinutes": 15,
        "DestinationAvailabilityZone": "eu-west-1-x-1a", "DryRun": False,
    },
    "DeleteSnapshot": {"SnapshotId": "snap-1", "DryRun": True},
    "CreateTags": {"Resources": ["snap-1", "snap-2"], "Tags": TAGS, "DryRun": True},
    "DescribeSnapshots": {
        "OwnerIds": ["self"], "SnapshotIds": ["snap-1", "snap-2"], "Filters": FILTERS, "MaxResults": 1000,
        "NextToken": "t==", "DryRun": False,
    },
    "DescribeInstances": {"InstanceIds": ["i-1"], "Filters": FILTERS, "MaxResults": 5, "NextToken": "t"},
    "DescribeVolumes": {"VolumeIds": ["vol-1"], "Filters": FILTERS, "MaxResults": 5, "NextToken": "t"},
    "DescribeLockedSnapshots": {
        "SnapshotIds": ["snap-1", "snap-2"], "Filters": [{"Name": "lock-state", "Values": ["governance", "compliance"]}],
        "MaxResults": 1000, "NextToken": "t==", "DryRun": True,
    },
    "DescribeImages": {
        "ImageIds": ["ami-1", "ami-2"], "Owners": ["self"], "IncludeDeprecated": False, "IncludeDisabled": True,
        "MaxResults": 1000, "NextToken": "t==", "DryRun": True, "Filters": FILTERS,
    },
    "DeleteTags": {
        "Resources": ["snap-1", "snap-2"],
        "Tags": [{"Key": "snapwarden:hold"}, {"Key": "empty", "Value": ""}, {"Key": "a", "Value": "b"}], "DryRun": True,
    },
    "CreateVolume": {
        "AvailabilityZone": "us-east-1b", "SnapshotId": "snap-1", "ClientToken": "t-1", "Size": 50, "VolumeType": "gp3",
        "Iops": 4000, "Throughput": 250, "Encrypted": True, "KmsKeyId": "alias/dr", "MultiAttachEnabled": False,
        "OutpostArn": "arn:o", "VolumeInitializationRate": 100,
        "TagSpecifications": [{"ResourceType": "volume", "Tags": TAGS}], "DryRun": True,
    },
    "AttachVolume": {"VolumeId": "vol-1", "InstanceId": "i-1", "Device": "/dev/sdf", "DryRun": True},
    "DetachVolume": {"VolumeId": "vol-1", "InstanceId": "i-1", "DryRun": True},
    "DeleteVolume": {"VolumeId": "vol-1", "DryRun": True},
    "RegisterImage": {
        "Name": "snapwarden restore", "Description": "d", "Architecture": "x86_64", "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": DEVICES, "VirtualizationType": "hvm", "EnaSupport": True, "SriovNetSupport": "simple",
        "BootMode": "uefi", "TpmSupport": "v2.0", "UefiData": "QU1a/+==", "ImdsSupport": "v2.0",
        "TagSpecifications": [{"ResourceType": "image", "Tags": TAGS}], "DryRun": True,
    },
    "DeregisterImage": {"ImageId": "ami-1", "DryRun": True},
    "GetInstanceUefiData": {"InstanceId": "i-1"},
    "RunInstances": {
        "ClientToken": "t-1", "MinCount": 1, "MaxCount": 1, "ImageId": "ami-1", "InstanceType": "m7i.large",
        "KeyName": "k", "SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1", "sg-2"],
        "Placement": {"AvailabilityZone": "us-east-1b"}, "IamInstanceProfile": {"Arn": "arn:p", "Name": "p"},
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "n", "Version": "$Latest"},
        "BlockDeviceMappings": DEVICES, "UserData": "IyE=", "EbsOptimized": True, "PrivateIpAddress": "10.0.0.5",
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": TAGS}, {"ResourceType": "volume", "Tags": TAGS[:1]}],
        "DryRun": True,
    },
    "TerminateInstances": {"InstanceIds": ["i-1", "i-2"], "DryRun": True},
    "CreateReplaceRootVolumeTask": {
        "InstanceId": "i-1", "SnapshotId": "snap-1", "ClientToken": "t-1", "DeleteReplacedRootVolume": False,
        "VolumeInitializationRate": 200, "TagSpecifications": [{"ResourceType": "replace-root-volume-task", "Tags": TAGS}],
        "DryRun": True,
    },
    "DescribeReplaceRootVolumeTasks": {
        "ReplaceRootVolumeTaskIds": ["replacevol-1"], "Filters": FILTERS, "MaxResults": 5, "NextToken": "t",
    },
    "DescribeAvailabilityZones": {"Filters": FILTERS},
    "DescribeSubnets": {"SubnetIds": ["subnet-1"], "Filters": FILTERS, "MaxResults": 5, "NextToken": "t"},
}


def main():
    client = botocore.session.get_session().create_client(
        "ec2", region_name="us-east-1", aws_access_key_id="A", aws_secret_access_key="s"
    )
    made = {}
    for name, parameters in REQUESTS.items():
        model = client.meta.service_model.operation_model(name)
        body = client._serializer.serialize_to_request(parameters, model)["body"]
        made[name] = {key: body[key] if isinstance(body[key], str) else str(body[key]) for key in body}
    print(json.dumps(made, indent=1, ensure_ascii=False))


main()
