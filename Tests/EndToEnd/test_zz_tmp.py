from test_restore_lightsail import *
def test_x(begin, points):
    world = begin()
    for a in (["backup","nightly","6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01"],["plan"],["status"],["list"]):
        r=world.installation.run(*a, code=None); print(a, r.returncode, r.stdout, r.stderr)
def test_y(begin, points):
    import copy
    seed=copy.deepcopy(points)
    seed["lightsail-instances"].append({"name":"wide","uuid":"u-wide","ports":[port(8000+i) for i in range(60)]})
    world = begin(seed)
    world.installation.config.write_text(CONFIG.replace("old, marked","old, wide, marked"))
    world.installation.run("backup","nightly","u-wide")
    r=world.restore("wide","--plan"); print(r.stdout[:1500])
def test_z(world):
    r=world.restore("blog","--as","new","--tag",MARK+"=mine","--yes"); print(r.stdout)
    print([c.parameters["tags"] for c in world.between.calls if c.operation.startswith("Create")], tags(instance(world,HOME,"new")), world.names(HOME))
    r=world.restore("blog","--as","new","--undo","--yes",code=None); print(r.stdout,r.stderr, world.names(HOME))
def test_w(world):
    world.restore("shop", "--region", DR, "--yes")
    world.sandbox.admin("POST", "set", {"terminate": ["shop-data"]})
    import subprocess
    try: print(world.restore("shop","--region",DR,"--yes",code=None,timeout=30))
    except subprocess.TimeoutExpired as e: print("TIMEOUT", e.stdout, e.stderr)
