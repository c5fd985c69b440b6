"""moto's server with the one operation it lacks that every reading of EC2 needs: nothing is ever locked there."""

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.server import main


def describe_locked_snapshots(self):
    self.error_on_dryrun()
    return ActionResult({"Snapshots": []})


assert not hasattr(EC2Response, "describe_locked_snapshots"), "moto knows it by now: start moto_server itself"
EC2Response.describe_locked_snapshots = describe_locked_snapshots

if __name__ == "__main__":
    main()
