"""A small evaluator of IAM policies: whether each right that a call needs is allowed.

What a call needs is written from the Service Authorization Reference and the EC2 User Guide, not from the program.
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
    account = "" if kind == "snapshot" else ACCOUNT
    return f"arn:aws:ec2:{region}:{account}:{kind}/{identity}"


class World:
    """Tags of everything in a dump of the sandbox's world."""

    def __init__(self, dump):
        self.snapshots, self.instances, self.lightsail = {}, {}, {}
        for place in [*dump["regions"], *(p for places in dump.get("accounts", {}).values() for p in places)]:
            for snapshot in place["snapshots"]:
                self.snapshots[snapshot["id"]] = snapshot["tags"]
            for snapshot in place["lightsail-snapshots"]:
                self.lightsail[place["region"], snapshot["name"]] = (snapshot["arn"], snapshot["tags"])
            for instance in place["instances"]:
                self.instances[instance["id"]] = (instance["tags"], instance["volumes"])


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
    if not key:
        return []
    name = key if key.startswith("arn:") else f"arn:aws:kms:{call.region}:{ACCOUNT}:key/{key}"
    aliases = {}
    if "alias/" in name:
        aliases = {"kms:ResourceAliases": ["alias/" + name.split("alias/")[1], "alias/another"]}
        name = f"arn:aws:kms:{call.region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    via = {"kms:ViaService": [f"ec2.{call.region}.amazonaws.com"], **aliases}
    actions = ["DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptTo", "ReEncryptFrom", "Decrypt"]
    found = [Right(f"kms:{action}", name, call.region).add(via) for action in actions]
    return found + [Right("kms:CreateGrant", name, call.region).add({**via, "kms:GrantIsForAWSResource": ["true"]})]


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


NEEDS = {
    ("sts", "GetCallerIdentity"): nothing,
    ("ec2", "CreateSnapshots"): create_snapshots,
    ("ec2", "CopySnapshot"): copy_snapshot,
    ("ec2", "CreateTags"): snapshot_tags,
    ("ec2", "DeleteTags"): snapshot_tags,
    ("ec2", "DeleteSnapshot"): delete_snapshot,
    ("ec2", "ModifySnapshotAttribute"): share,
    ("sts", "AssumeRole"): take_on_role,
    ("lightsail", "CreateInstanceSnapshot"): create_instance_snapshot,
    ("lightsail", "CopySnapshot"): lightsail_copy,
    ("lightsail", "TagResource"): of_lightsail_snapshot,
    ("lightsail", "UntagResource"): of_lightsail_snapshot,
    ("lightsail", "DeleteInstanceSnapshot"): of_lightsail_snapshot,
    ("kms", "DescribeKey"): lambda call: key_look(call),
}


def key_look(call):
    given = {"KmsKeyId": call.parameters["KeyId"]}
    looked = type("Looked", (), {"parameters": given, "region": call.region})
    [right] = [r for r in key_rights(looked) if r.action == "kms:DescribeKey"]
    del right.context["kms:ViaService"]
    return [right]
