# shellcheck shell=bash disable=SC2034
# What packaging/test and packaging/quickstart share: finding out what is missing, and installing it before the first
# call of swift. Sourced, not run.

# What swift itself needs on a bare Debian 12, and what its manifests link with.
toolchain_packages="binutils ca-certificates git libc6-dev libcurl4 libedit2 libgcc-12-dev libncurses6 libsqlite3-0
    libstdc++-12-dev libxml2 pkg-config tzdata"
library_packages="libcurl4-openssl-dev libssl-dev libsystemd-dev libsqlite3-dev libexpat1-dev libyaml-dev
    libmicrohttpd-dev"

# What the package depends on, and what a system needs that it is installed on.
service_packages="ca-certificates,dbus,libcurl4,libexpat1,libsqlite3-0,libssl3,libstdc++6,libyaml-0-2,procps,systemd,systemd-sysv,tzdata"

say() { printf '%s\n' "$*"; }
heading() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Installs those of the named Debian packages that are missing; sudo is used for apt-get alone.
install_missing() {
    local missing=() package as_root=()
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "these Debian packages are missing, and there is neither root nor sudo to" \
            "install them: ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update </dev/null >/dev/null || die "apt-get update failed"
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
        die "apt-get could not install: ${missing[*]}"
}

# Puts swift into PATH, or says what to do.
find_swift() {
    command -v swift >/dev/null && return 0
    local folder
    for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/share/swift/usr/bin "$HOME/swift/usr/bin"; do
        [ -x "$folder/swift" ] && { PATH="$folder:$PATH"; export PATH; return 0; }
    done
    die "no swift: unpack a Swift 6.3 toolchain for Debian 12 (swift.org/install/linux) to /opt/swift, or put it into PATH"
}

# The flags of what is shipped: no runtime to install, position-independent, everything bound at start.
release_flags="-c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now
    --scratch-path .build-static"
