//! Draws the machines that share the log.

use maud::{Markup, html};

use super::frame::Look;
use super::parts::Text;
use crate::audit::Cluster;
use crate::web::words::NodeWords;

pub(super) fn nodes(look: Look, cluster: Option<&Cluster>) -> Markup {
    let Some(cluster) = cluster else { return Markup::default() };
    let words = NodeWords(look.words.0);
    let (entry, copy) = cluster.entries;
    html! {
        section #nodes {
            h2 { (words.nodes()) }
            p { (Text(&words.shared_at(&cluster.place, entry, copy))) }
            div.wide {
                table {
                    thead {
                        tr {
                            th scope="col" { (words.node()) }
                            th scope="col" { (words.standing()) }
                            th scope="col" { (words.heard()) }
                            th scope="col" { (words.since()) }
                            th scope="col" { (words.clock()) }
                            th scope="col" { (words.entry()) }
                        }
                    }
                    tbody {
                        @for node in &cluster.nodes {
                            @let offset = format!("{:+.2}", node.clock_offset());
                            tr {
                                th scope="row" { (Text(&node.name)) }
                                td title=(node.standing.as_str()) {
                                    (words.of_standing(node.standing))
                                }
                                td { (look.near(node.heard_at)) }
                                td { (look.near(node.since)) }
                                td { (words.offset(&offset)) }
                                td { (node.entry) }
                            }
                        }
                    }
                }
            }
        }
    }
}
