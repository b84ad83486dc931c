mod routes;

fn main() {
    routes::register();
    println!("the application itself, not the dummy");
}
