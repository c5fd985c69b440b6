"""A small evaluator of IAM policies: whether each right that a call needs is allowed.

What a call needs is written from the Service Authorization Reference and the EC2 and EBS User Guides, not from the
program.
"""

import re

ACCOUNT = "123456789012"


class Right:
    """An action on a resource, with what is known about request and resource: key to list of values."""

    def __init__(self, action, resource, region, **context):
        self.action, self.resource = action, resource
        self.context = {"aws:RequestedRegion": [region], **{k: v for k, v in context.items()}}

    def add(self, values):
        self.context.update(values)
        return self

    def __repr__(self):
        return f"{self.action} on {self.resource} with {self.context}"


def matches(pattern, value, ignore_case=False):
    """IAM's wildcards: * and ?, and nothing else."""
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, value, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def listed(value):
    return value if isinstance(value, list) else [value]


def operator_holds(operator, wanted, found):
    """One operator on one key; `found` is None where the context has no such key."""
    if operator == "Null":
        return (found is None) == (wanted == ["true"])
    quantifier, _, base = operator.rpartition(":")
    tests = {
        "StringEquals": lambda value: value in wanted,
        "StringLike": lambda value: any(matches(pattern, value) for pattern in wanted),
        "Bool": lambda value: value in wanted,
    }
    assert base in tests, f"the evaluator does not know {operator}"
    if quantifier == "ForAllValues":
        return all(tests[base](value) for value in found or [])
    if quantifier == "ForAnyValue":
        return any(tests[base](value) for value in found or [])
    assert not quantifier and (found is None or len(found) == 1), f"{operator} on several values: {found}"
    return found is not None and tests[base](found[0])


def allows(statement, right):
    assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"} and statement["Effect"] == "Allow"
    return (
        any(matches(action, right.action, ignore_case=True) for action in listed(statement["Action"]))
        and any(matches(resource, right.resource) for resource in listed(statement["Resource"]))
        and all(
            operator_holds(operator, listed(wanted), right.context.get(key))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def refused(policy, rights):
    """The rights that no statement allows."""
    return [right for right in rights if not any(allows(s, right) for s in policy["Statement"])]


def request_tags(tags):
    return {**{f"aws:RequestTag/{k}": [v] for k, v in tags.items()}, **({"aws:TagKeys": list(tags)} if tags else {})}


def resource_tags(tags):
    return {f"aws:ResourceTag/{k}": [v] for k, v in (tags or {}).items() if v is not None}


def ec2_name(region, kind, identity):
    account = "" if kind in ("snapshot", "image") else ACCOUNT
    return f"arn:aws:ec2:{region}:{account}:{kind}/{identity}"


class World:
    """Tags of everything in a dump of the sandbox's world, and of what only boto3's clients of a region list."""

    def __init__(self, dump, ec2=None, lightsail=None):
        self.snapshots, self.instances, self.lightsail = {}, {}, {}
        self.volumes, self.images, self.keys = {}, {}, {}
        for place in [*dump["regions"], *(p for places in dump.get("accounts", {}).values() for p in places)]:
            for snapshot in place["snapshots"]:
                self.snapshots[snapshot["id"]] = snapshot["tags"]
                self.keys[snapshot["id"]] = snapshot.get("kms-key")
            for snapshot in place["lightsail-snapshots"]:
                self.lightsail[place["region"], snapshot["name"]] = (snapshot["arn"], snapshot["tags"])
            for instance in place["instances"]:
                self.instances[instance["id"]] = (instance["tags"], instance["volumes"])
        if ec2:
            self.list_ec2(ec2)
        if lightsail:
            self.list_lightsail(lightsail)

    def list_ec2(self, ec2):
        plain = lambda thing: {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}
        for volume in ec2.describe_volumes()["Volumes"]:
            self.volumes[volume["VolumeId"]] = plain(volume)
        for image in ec2.describe_images(Owners=["self"])["Images"]:
            used = [device["Ebs"]["SnapshotId"] for device in image["BlockDeviceMappings"]]
            self.images[image["ImageId"]] = (plain(image), used)

    def list_lightsail(self, lightsail):
        for operation, key in LISTS.items():
            for page in lightsail.get_paginator(operation).paginate():
                for thing in page[key]:
                    tags = {tag["key"]: tag.get("value", "") for tag in thing.get("tags", [])}
                    self.lightsail[lightsail.meta.region_name, thing["name"]] = (thing["arn"], tags)

    def own_tags(self, kind, identity):
        """Of what is there in EC2."""
        if kind in ("image", "instance"):
            return {"image": self.images, "instance": self.instances}[kind].get(identity, ({},))[0]
        return {"snapshot": self.snapshots, "volume": self.volumes}[kind].get(identity, {})


LISTS = {
    "get_instances": "instances", "get_disks": "disks", "get_static_ips": "staticIps",
    "get_relational_databases": "relationalDatabases"}


def specified(parameters):
    return {
        tag["Key"]: tag["Value"]
        for specification in parameters.get("TagSpecifications", []) for tag in specification["Tags"]
    }


def rights(call):
    """What AWS asks for before it does a call; `call.world` is the world just before it."""
    return NEEDS.get((call.service, call.operation), on_anything)(call)


def on_anything(call):
    if not call.operation.startswith(("Describe", "Get")):
        raise AssertionError(f"the evaluator does not know what {call} needs")
    return [Right(f"{call.service}:{call.operation}", "*", call.region)]


def nothing(call):
    return []


def made(call, action):
    """The new snapshot, which has no id yet, and the tagging of it."""
    tags = specified(call.parameters)
    name = ec2_name(call.region, "snapshot", "*")
    found = [Right(f"ec2:{action}", name, call.region).add(request_tags(tags))]
    if tags or call.parameters.get("CopyTagsFromSource"):
        creating = {"ec2:CreateAction": [action], **request_tags(tags)}
        found.append(Right("ec2:CreateTags", name, call.region).add(creating))
    return found


def brought(call, *kinds):
    """What a call makes, which has no id yet, each kind with the request's tags for it; and the tagging."""
    tags = {
        one["ResourceType"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]}
        for one in call.parameters.get("TagSpecifications", [])}
    creating = {"ec2:CreateAction": [call.operation]}
    found = []
    for kind in kinds:
        name, own = ec2_name(call.region, kind, "*"), request_tags(tags.pop(kind, {}))
        found.append(Right(f"ec2:{call.operation}", name, call.region).add(own))
        if own:
            found.append(Right("ec2:CreateTags", name, call.region).add({**creating, **own}))
    assert not tags, f"{call.operation} makes no {sorted(tags)}"
    return found


def touched(call, kind, *identities):
    """What is there already, with its own tags."""
    return [
        Right(f"ec2:{call.operation}", ec2_name(call.region, kind, identity), call.region)
        .add(resource_tags(call.world.own_tags(kind, identity))) for identity in identities]


def create_volume(call):
    source = call.parameters["SnapshotId"]
    return brought(call, "volume") + touched(call, "snapshot", source) + unlocking(call, [source])


def of_attachment(call):
    given = call.parameters
    return touched(call, "volume", given["VolumeId"]) + touched(call, "instance", given["InstanceId"])


def register_image(call):
    used = [device["Ebs"]["SnapshotId"] for device in call.parameters["BlockDeviceMappings"]]
    return brought(call, "image") + touched(call, "snapshot", *used)


def run_instances(call):
    """In a VPC, with volumes; of what is not named the default is used."""
    given = call.parameters
    _, used = call.world.images.get(given["ImageId"], ({}, []))
    network = [("subnet", given.get("SubnetId", "subnet-default"))]
    network += [("security-group", group) for group in given.get("SecurityGroupIds", ["sg-default"])]
    if "KeyName" in given:
        network.append(("key-pair", given["KeyName"]))
    if "LaunchTemplate" in given:
        network.append(("launch-template", given["LaunchTemplate"].get("LaunchTemplateId", "lt-1")))
    found = brought(call, "instance", "volume", "network-interface") + touched(call, "image", given["ImageId"])
    found += [Right("ec2:RunInstances", ec2_name(call.region, *place), call.region) for place in network]
    if "IamInstanceProfile" in given:
        passed = {"iam:PassedToService": ["ec2.amazonaws.com"]}
        found.append(Right("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/web", call.region).add(passed))
    return found + touched(call, "snapshot", *used) + unlocking(call, used)


def replace_root_volume(call):
    """The volume is the new one, which gets none of the task's tags."""
    source = call.parameters["SnapshotId"]
    return (
        brought(call, "replace-root-volume-task", "volume") + touched(call, "instance", call.parameters["InstanceId"])
        + touched(call, "snapshot", source) + unlocking(call, [source]))


def unlocking(call, snapshots):
    """The use of the snapshots' keys, and of the one that is asked for; that of AWS's own key is everybody's."""
    keys = {call.parameters.get("KmsKeyId"), *(call.world.keys.get(snapshot) for snapshot in snapshots)} - {None}
    return [
        right for key in sorted(keys) if not key.endswith("alias/aws/ebs") for right in use_of_key(key, call.region)]


def create_snapshots(call):
    instance = call.parameters["InstanceSpecification"]["InstanceId"]
    tags, volumes = call.world.instances.get(instance, ({}, {}))
    sources = [("instance", instance, tags)] + [("volume", volume, own) for volume, own in volumes.items()]
    return made(call, "CreateSnapshots") + [
        Right("ec2:CreateSnapshots", ec2_name(call.region, kind, identity), call.region).add(resource_tags(own))
        for kind, identity, own in sources
    ]


def copy_snapshot(call):
    source = call.parameters["SourceSnapshotId"]
    name = ec2_name(call.parameters["SourceRegion"], "snapshot", source)
    own = resource_tags(call.world.snapshots.get(source))
    return made(call, "CopySnapshot") + [Right("ec2:CopySnapshot", name, call.region).add(own)] + key_rights(call)


def key_rights(call):
    """What EC2 does with a key in the caller's name."""
    key = call.parameters.get("KmsKeyId")
    return use_of_key(key, call.region) if key else []


def use_of_key(key, region):
    """EBS User Guide, "Requirements for Amazon EBS encryption", "Permissions for users"."""
    name = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"
    aliases = {}
    if "alias/" in name:
        aliases = {"kms:ResourceAliases": ["alias/" + name.split("alias/")[1], "alias/another"]}
        name = f"arn:aws:kms:{region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    via = {"kms:ViaService": [f"ec2.{region}.amazonaws.com"], **aliases}
    actions = ["DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptTo", "ReEncryptFrom", "Decrypt"]
    found = [Right(f"kms:{action}", name, region).add(via) for action in actions]
    return found + [Right("kms:CreateGrant", name, region).add({**via, "kms:GrantIsForAWSResource": ["true"]})]


def snapshot_tags(call):
    tags = request_tags({t["Key"]: t.get("Value", "") for t in call.parameters.get("Tags", [])})
    return [
        Right(f"ec2:{call.operation}", ec2_name(call.region, "snapshot", identity), call.region)
        .add(resource_tags(call.world.snapshots.get(identity))).add(tags)
        for identity in call.parameters["Resources"]
    ]


def share(call):
    identity = call.parameters["SnapshotId"]
    own = resource_tags(call.world.snapshots.get(identity))
    change = "Add" if call.parameters["OperationType"] == "add" else "Remove"
    return [
        Right("ec2:ModifySnapshotAttribute", ec2_name(call.region, "snapshot", identity), call.region)
        .add(own).add({f"ec2:{change}/userId": call.parameters["UserIds"]})
    ]


def take_on_role(call):
    return [Right("sts:AssumeRole", call.parameters["RoleArn"], call.region)]


def delete_snapshot(call):
    identity = call.parameters["SnapshotId"]
    own = resource_tags(call.world.snapshots.get(identity))
    return [Right("ec2:DeleteSnapshot", ec2_name(call.region, "snapshot", identity), call.region).add(own)]


def lightsail_name(call, kind, identity="6f1d2c3b-0000-4000-8000-000000000000"):
    return f"arn:aws:lightsail:{call.region}:{ACCOUNT}:{kind}/{identity}"


def create_instance_snapshot(call):
    tags = request_tags({t["key"]: t["value"] for t in call.parameters.get("tags", [])})
    return [Right("lightsail:CreateInstanceSnapshot", lightsail_name(call, "Instance"), call.region).add(tags)]


def lightsail_copy(call):
    return [Right("lightsail:CopySnapshot", "*", call.region)]


def of_lightsail_snapshot(call):
    name = call.parameters.get("resourceName") or call.parameters["instanceSnapshotName"]
    arn, tags = call.world.lightsail.get((call.region, name), (lightsail_name(call, "InstanceSnapshot"), {}))
    right = Right(f"lightsail:{call.operation}", arn, call.region).add(resource_tags(tags))
    if "tags" in call.parameters:
        right.add(request_tags({t["key"]: t.get("value", "") for t in call.parameters["tags"]}))
    if "tagKeys" in call.parameters:
        right.add({"aws:TagKeys": call.parameters["tagKeys"]})
    return [right]


def from_lightsail_snapshot(call):
    """The snapshot; an automatic one bears no tags."""
    tags = request_tags({t["key"]: t["value"] for t in call.parameters.get("tags", [])})
    [kind] = [kind for kind, operation in MAKERS.items() if operation == call.operation]
    name = next((value for key, value in call.parameters.items() if key.endswith("SnapshotName")), None)
    arn, own = call.world.lightsail.get((call.region, name), (lightsail_name(call, f"{kind}Snapshot"), {}))
    return [Right(f"lightsail:{call.operation}", arn, call.region).add(resource_tags(own)).add(tags)]


MAKERS = {
    "Instance": "CreateInstancesFromSnapshot", "Disk": "CreateDiskFromSnapshot",
    "RelationalDatabase": "CreateRelationalDatabaseFromSnapshot"}


def tagging_in_lightsail(call):
    """What a call that makes something with tags depends on besides its own right: tagging what has no id yet."""
    [kind] = [kind for kind, operation in MAKERS.items() if operation == call.operation]
    tags = request_tags({t["key"]: t["value"] for t in call.parameters["tags"]})
    return [Right("lightsail:TagResource", lightsail_name(call, kind, "*"), call.region).add(tags)]


def of_lightsail(*names):
    """Of what a call names by these parameters, with its own tags."""
    def needed(call):
        found = [call.world.lightsail[call.region, call.parameters[name]] for name in names]
        return [Right(f"lightsail:{call.operation}", arn, call.region).add(resource_tags(own)) for arn, own in found]
    return needed


NEEDS = {
    ("sts", "GetCallerIdentity"): nothing,
    ("ec2", "CreateSnapshots"): create_snapshots,
    ("ec2", "CopySnapshot"): copy_snapshot,
    ("ec2", "CreateTags"): snapshot_tags,
    ("ec2", "DeleteTags"): snapshot_tags,
    ("ec2", "DeleteSnapshot"): delete_snapshot,
    ("ec2", "ModifySnapshotAttribute"): share,
    ("ec2", "CreateVolume"): create_volume,
    ("ec2", "AttachVolume"): of_attachment,
    ("ec2", "DetachVolume"): of_attachment,
    ("ec2", "DeleteVolume"): lambda call: touched(call, "volume", call.parameters["VolumeId"]),
    ("ec2", "RegisterImage"): register_image,
    ("ec2", "DeregisterImage"): lambda call: touched(call, "image", call.parameters["ImageId"]),
    ("ec2", "RunInstances"): run_instances,
    ("ec2", "TerminateInstances"): lambda call: touched(call, "instance", *call.parameters["InstanceIds"]),
    ("ec2", "CreateReplaceRootVolumeTask"): replace_root_volume,
    ("sts", "AssumeRole"): take_on_role,
    ("lightsail", "CreateInstanceSnapshot"): create_instance_snapshot,
    ("lightsail", "CopySnapshot"): lightsail_copy,
    ("lightsail", "TagResource"): of_lightsail_snapshot,
    ("lightsail", "UntagResource"): of_lightsail_snapshot,
    ("lightsail", "DeleteInstanceSnapshot"): of_lightsail_snapshot,
    ("lightsail", "CreateInstancesFromSnapshot"): from_lightsail_snapshot,
    ("lightsail", "CreateDiskFromSnapshot"): from_lightsail_snapshot,
    ("lightsail", "CreateRelationalDatabaseFromSnapshot"): from_lightsail_snapshot,
    ("lightsail", "PutInstancePublicPorts"): of_lightsail("instanceName"),
    ("lightsail", "AttachDisk"): of_lightsail("diskName"),
    ("lightsail", "AttachStaticIp"): of_lightsail("instanceName", "staticIpName"),
    ("lightsail", "DeleteInstance"): of_lightsail("instanceName"),
    ("lightsail", "DeleteDisk"): of_lightsail("diskName"),
    ("lightsail", "DeleteRelationalDatabase"): of_lightsail("relationalDatabaseName"),
    ("kms", "DescribeKey"): lambda call: key_look(call),
}


def key_look(call):
    given = {"KmsKeyId": call.parameters["KeyId"]}
    looked = type("Looked", (), {"parameters": given, "region": call.region})
    [right] = [r for r in key_rights(looked) if r.action == "kms:DescribeKey"]
    del right.context["kms:ViaService"]
    return [right]
