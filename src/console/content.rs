//! `GET /content`, `GET /content/{kind}`: what the game is made of. The same as long as the server runs.

use std::collections::BTreeMap;

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use crate::catalog::Catalog;
use crate::http::entity_tag::has_it;
use crate::http::parameters::unknown;
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(show, list), components(schemas(Contents, Items)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(list);
}

/// How much there is.
#[derive(Serialize, ToSchema)]
struct Contents {
    /// The content's version.
    version: String,
    /// How many there are of each kind.
    #[schema(value_type = HashMap<String, usize>)]
    counts: BTreeMap<&'static str, usize>,
}

/// All of one kind, as in the files of `assets/catalog`, each with its `key`.
#[derive(Serialize, ToSchema)]
struct Items {
    #[schema(value_type = Vec<Object>)]
    items: Vec<Value>,
}

/// How much content there is, by kind.
#[utoipa::path(tag = "content", responses((status = 200, body = Contents)))]
#[get("/content")]
async fn show(_viewer: Viewer, console: web::Data<Console>) -> HttpResponse {
    let catalog = &console.node.catalog;
    let counts = BTreeMap::from([
        ("items", catalog.items.len()),
        ("objects", catalog.objects.len()),
        ("ships", catalog.ships.len()),
        ("techs", catalog.techs.len()),
        ("blueprints", catalog.blueprints.len()),
        ("missions", catalog.missions.len()),
        ("sectors", catalog.sectors.len()),
        ("hubs", catalog.hubs().count()),
    ]);
    HttpResponse::Ok().json(Contents { version: console.node.catalog_version.clone(), counts })
}

/// All content of one kind: items, objects, ships, techs, blueprints, missions, sectors or hubs.
#[utoipa::path(
    tag = "content",
    params(("kind" = String, Path, description = "The kind")),
    responses((status = 200, body = Items), (status = 304, description = "Unchanged since the `ETag` of `If-None-Match`"))
)]
#[get("/content/{kind}")]
async fn list(
    request: HttpRequest,
    _viewer: Viewer,
    kind: web::Path<String>,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let node = &console.node;
    let items = items(&node.catalog, &kind).ok_or_else(|| unknown("not_found", "kind of content", &kind))?;
    // Not before: a kind that does not exist may hold what no tag may.
    let tag = EntityTag::new_weak(format!("{}-{kind}", node.catalog_version));
    let mut response = if has_it(&request, &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "private, no-cache")).insert_header((ETAG, tag.to_string()));
    if has_it(&request, &tag) {
        return Ok(response.finish());
    }
    Ok(response.json(Items { items }))
}

fn items(catalog: &Catalog, kind: &str) -> Option<Vec<Value>> {
    Some(match kind {
        "items" => keyed(&catalog.items),
        "objects" => keyed(&catalog.objects),
        "ships" => keyed(&catalog.ships),
        "techs" => keyed(&catalog.techs),
        "blueprints" => keyed(&catalog.blueprints),
        "missions" => keyed(&catalog.missions),
        "sectors" => keyed(&catalog.sectors),
        "hubs" => {
            let of_sector = |(sector, hub)| object(hub, [("sector", json!(sector))]);
            let all = catalog.sectors.iter().flat_map(|(key, sector)| sector.hubs.iter().map(move |hub| (key, hub)));
            all.map(of_sector).collect()
        }
        _ => return None,
    })
}

fn keyed<K: Serialize, T: Serialize>(map: &BTreeMap<K, T>) -> Vec<Value> {
    map.iter().map(|(key, item)| object(item, [("key", json!(key))])).collect()
}

/// An entry with further fields.
fn object<const N: usize>(item: impl Serialize, more: [(&str, Value); N]) -> Value {
    // Everything in the catalogue is a structure with named fields.
    let mut fields: Map<String, Value> = match serde_json::to_value(item) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_entry_of_every_kind_has_its_key() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog");
        let catalog = crate::catalog::load(&folder).unwrap();
        for kind in ["items", "objects", "ships", "techs", "blueprints", "missions", "sectors", "hubs"] {
            let items = items(&catalog, kind).unwrap();
            assert!(!items.is_empty(), "{kind}");
            for item in items {
                assert!(item["key"].is_string() && item["name"].is_string(), "{kind}: {item}");
            }
        }
        assert!(items(&catalog, "players").is_none());
    }
}
