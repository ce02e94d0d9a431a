#!/bin/sh
# The JSON of rustdoc is unstable: allows it to rustdoc alone, since cargo would rebuild every dependency.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
