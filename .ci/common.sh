# shellcheck shell=bash
# What ./run and ./test both need. Sourced, with the root of the checkout as working directory.

RUST_NEEDED=1.95

# Prints nothing and returns 0 when the Rust toolchain will do; otherwise prints the one line that says what is wrong.
rust_complaint() {
    local version
    if ! command -v cargo >/dev/null 2>&1 || ! version=$(rustc --version 2>/dev/null); then
        echo "Akidoko needs stable Rust $RUST_NEEDED or newer, and finds no cargo and rustc; https://rustup.rs installs them."
        return 1
    fi
    version=${version#rustc }
    version=${version%% *}
    if [ "$(printf '%s\n%s\n' "$RUST_NEEDED" "${version%%-*}" | sort -V | head -n 1)" != "$RUST_NEEDED" ]; then
        echo "Akidoko needs stable Rust $RUST_NEEDED or newer, and this is $version; update it, for example with: rustup update stable"
        return 1
    fi
    if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
        echo "Akidoko needs a C compiler (SQLite is compiled in), and finds none; on Debian: apt-get install gcc libc6-dev"
        return 1
    fi
}

# Where cargo puts what it builds, CARGO_TARGET_DIR and cargo's own configuration respected.
cargo_target_dir() {
    cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

have_npm() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1
}

# Fetches what package-lock.json names unless that very lock is already installed. No package runs a script of its own.
fetch_node_modules() {
    local stamp=node_modules/.akidoko-lock
    cmp -s package-lock.json "$stamp" && return 0
    npm ci --ignore-scripts && cp package-lock.json "$stamp"
}
