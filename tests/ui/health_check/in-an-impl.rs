use admin_runtime::health_check;

struct Pool;

impl Pool {
    #[health_check]
    fn database() {}
}

fn main() {}
