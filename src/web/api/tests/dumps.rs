//! Dumps where none was made. Those that were are tested on both databases, in `tests/it/feed`.

use super::{As, get_as};

#[actix_web::test]
async fn before_one_is_made_everybody_is_told_to_come_back() {
    for who in [As::Public, As::Partner] {
        let reply = get_as(who, "/api/v1/dumps/latest").await;
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "60"));
        assert_eq!(reply.json()["type"], "https://registry.example/problems/not-yet");
        for dump in ["public-0", "partners-0", "x"] {
            let reply = get_as(who, &format!("/api/v1/dumps/{dump}/records.csv")).await;
            assert_eq!(reply.status, 404, "{dump}");
        }
    }
}
