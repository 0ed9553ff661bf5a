//! What pages say and do not say, of the same small registry: figures that are the same for everybody, and
//! individual businesses, whose name may be a person's.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{App as Server, test};

use super::fixture::{A, B, C, NONE, SHOP, code, name, world};
use super::{As, get, get_as};
use crate::store::log::{body, checkpoint};
use crate::web::routes;
use crate::web::viewer::SESSION_COOKIE;

/// A page as somebody sees it.
async fn page(who: As, path: &str) -> String {
    let app = Data::from(world().app.clone());
    let bound = routes::bound().unwrap();
    let server = Server::new()
        .app_data(app)
        .configure(|config| routes::configure(config, &bound));
    let server = test::init_service(server).await;
    let request = test::TestRequest::get().uri(path);
    let request = match who {
        As::Public => request,
        As::Partner => request.insert_header((header::AUTHORIZATION, format!("Bearer {}", world().key))),
        As::OwnB => request.insert_header((header::COOKIE, format!("{SESSION_COOKIE}={}", world().session))),
    };
    let response = test::call_service(&server, request.to_request()).await;
    assert_eq!(response.status(), 200, "{path}");
    String::from_utf8(test::read_body(response).await.to_vec()).unwrap()
}

fn figures(page: &str) -> &str {
    let begin = page.find("<div class=\"figures\">").unwrap();
    let rest = &page[begin..];
    &rest[..rest.find("<div class=\"ways\">").unwrap()]
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[actix_web::test]
async fn figures_count_what_is_public_and_are_the_same_for_everybody() {
    let mut conn = world().app.registry.store.conn().unwrap();
    let served = checkpoint::served_size(&mut conn).unwrap();
    let mut public =
        |outcome: &str, year| body::count_public(&mut conn, served, "IntegrityGrade", outcome, year).unwrap();
    assert_eq!((public("A", None), public("A", Some(2025))), (1, 1));
    assert_eq!(public("A", Some(2024)), 0);
    // Both are published, for partners.
    assert_eq!((public("B", None), public("C", None)), (0, 0));

    let seen = page(As::Public, "/").await;
    for who in [As::Partner, As::OwnB] {
        assert_eq!(figures(&page(who, "/").await), figures(&seen), "{who:?}");
    }
}

#[actix_web::test]
async fn an_individual_business_is_found_by_its_whole_name_or_code_only() {
    let (part, whole) = (percent("示例"), percent(&name(SHOP)));
    let shop = code(SHOP);
    let finds = async |who, query: &str| {
        let api = get_as(who, &format!("/api/v1/employers?query={query}"))
            .await
            .text();
        let html = page(who, &format!("/?query={query}")).await;
        (api.contains(&shop), html.contains(&shop))
    };
    assert_eq!(finds(As::Public, &part).await, (false, false));
    assert_eq!(finds(As::OwnB, &part).await, (false, false));
    assert_eq!(finds(As::Partner, &part).await, (true, true));
    assert_eq!(finds(As::Public, &whole).await, (true, true));
    let by_code = get(&format!("/api/v1/employers?query={shop}")).await.json();
    assert_eq!(by_code["total"], 1);
    // Others are still found by a part, and the total counts no hidden hit.
    for id in [A, B, C, NONE] {
        let reply = get(&format!("/api/v1/employers?query={part}")).await;
        assert!(reply.text().contains(&code(id)));
        let json = reply.json();
        assert_eq!(json["total"], json["employers"].as_array().unwrap().len());
    }
}

#[actix_web::test]
async fn search_engines_are_kept_from_persons_and_from_lists() {
    let robots = "<meta name=\"robots\" content=\"noindex, noarchive\">";
    let of = async |path: String| page(As::Public, &path).await;
    let shop = of(format!("/employers/{}", code(SHOP))).await;
    assert!(shop.contains(robots) && shop.contains("个体工商户"));
    assert!(!shop.contains("建筑业"), "more is shown than tells it apart");
    assert!(of(format!("/?query={}", percent("示例"))).await.contains(robots));
    let firm = of(format!("/employers/{}", code(A))).await;
    assert!(!firm.contains(robots) && firm.contains("建筑业"));
    assert!(!of("/".to_owned()).await.contains(robots));
    let api = get(&format!("/api/v1/employers/{}", code(SHOP))).await;
    assert_eq!(api.header("x-robots-tag"), "noindex");
}
