//! Writes a server as the two APIs do: NAVER's field names, nesting and order.

use chrono::{DateTime, FixedOffset, Utc};

use super::tree::Node;
use crate::cloud::ncloud::Generation;
use crate::cloud::rehearsal::fleet::{Hypervisor, TagsInLists};
use crate::cloud::rehearsal::world::{Now, Region, Server, State, World};

type Fields<'a> = Vec<(&'static str, Node<'a>)>;

/// `serverInstance` in lists.
pub(super) fn server<'a>(server: &'a Server, world: &World, now: Now) -> Node<'a> {
    let mut fields = instance(server, server.shown(now), world.regions());
    if server.odd {
        fields.retain(|(name, _)| *name != "serverInstanceStatus");
    }
    if server.platform == Generation::Vpc && world.tag_rules().in_lists == TagsInLists::All {
        fields.push(tag_list(server));
    }
    Node::Fields(fields)
}

/// `serverInstance` in the answer to a change: always the state after the change.
pub(super) fn changed<'a>(server: &'a Server, regions: &[Region], now: Now) -> Node<'a> {
    Node::Fields(instance(server, server.state(now), regions))
}

fn instance<'a>(server: &'a Server, state: &'a State, regions: &[Region]) -> Fields<'a> {
    let mut fields = identity(server);
    fields.extend(condition(state));
    fields.push(("createDate", time(server.created_at)));
    fields.push(("uptime", time(state.booted_at)));
    match server.platform {
        Generation::Classic => fields.extend(classic(server, regions)),
        Generation::Vpc => fields.extend(vpc(server)),
    }
    fields
}

fn identity(server: &Server) -> Fields<'_> {
    let mut fields: Fields = vec![
        ("serverInstanceNo", Node::text(server.no.as_str())),
        ("serverName", Node::text(server.name.as_str())),
        ("serverDescription", "".into()),
        ("cpuCount", Node::Number(2)),
        ("memorySize", Node::Number(4_294_967_296)),
    ];
    if server.hypervisor == Hypervisor::Xen {
        fields.push(("platformType", code("LNX64", "Linux 64 Bit")));
    }
    fields.push(("loginKeyName", "rehearsal".into()));
    fields.push(("publicIp", if server.no.as_str().ends_with('3') { " " } else { "" }.into()));
    fields
}

fn condition(state: &State) -> Fields<'_> {
    vec![
        ("serverInstanceStatus", status(state.status.code())),
        ("serverInstanceOperation", operation(state.operation.code())),
        ("serverInstanceStatusName", together(state).into()),
    ]
}

fn classic<'a>(server: &'a Server, regions: &[Region]) -> Fields<'a> {
    let product = server.product_code.as_deref().unwrap_or("SPSVRSSD00000003");
    let mut fields: Fields = vec![
        ("baseBlockStorageSize", Node::Number(53_687_091_200)),
        ("isFeeChargingMonitoring", Node::Flag(false)),
        ("privateIp", "10.41.3.81".into()),
        ("serverImageName", "centos-7.3-64".into()),
        ("serverImageProductCode", "SPSW0LINUX000066".into()),
        ("serverProductCode", Node::text(product)),
        ("isProtectServerTermination", Node::Flag(server.protected)),
        ("portForwardingPublicIp", "".into()),
    ];
    if let Some(region) = regions.iter().find(|region| region.code == server.region) {
        fields.push(("zone", zone_of(server, region)));
        fields.push(("region", region_fields(region, Generation::Classic)));
    }
    fields.extend(disks());
    fields.push(("serverInstanceType", code("STAND", "Standard")));
    fields.push(("userData", "".into()));
    fields.push(("initScriptNo", "".into()));
    fields.push(("accessControlGroupList", Node::List("accessControlGroup", Vec::new())));
    fields.push(tag_list(server));
    fields
}

fn tag_list(server: &Server) -> (&'static str, Node<'_>) {
    let tags = server.tags.iter().map(|tag| tag_fields(server, tag)).collect();
    ("instanceTagList", Node::List("instanceTag", tags))
}

fn tag_fields<'a>(server: &'a Server, (key, value): &'a (String, String)) -> Node<'a> {
    Node::Fields(vec![
        ("instanceNo", Node::text(server.no.as_str())),
        ("instanceType", code("SVR", "Server")),
        ("tagKey", Node::text(key.as_str())),
        ("tagValue", Node::text(value.as_str())),
    ])
}

fn zone_of<'a>(server: &'a Server, region: &Region) -> Node<'a> {
    let zone = region.zones().into_iter().find(|zone| zone.code == server.zone);
    Node::Fields(vec![
        ("zoneNo", zone.map(|zone| zone.no.to_string()).unwrap_or_default().into()),
        ("zoneName", Node::text(server.zone.as_str())),
        ("zoneCode", Node::text(server.zone.as_str())),
        ("zoneDescription", "".into()),
        ("regionNo", region.no.to_string().into()),
    ])
}

fn vpc(server: &Server) -> Fields<'_> {
    let xen = server.hypervisor == Hypervisor::Xen;
    let mut fields: Fields = vec![("isProtectServerTermination", Node::Flag(server.protected))];
    if xen {
        let product = "SVR.VSVR.STAND.C002.M008.NET.SSD.B050.G002";
        fields.push(("serverImageProductCode", "SW.VSVR.OS.LNX64.CNTOS.0703.B050".into()));
        fields.push((
            "serverProductCode",
            Node::text(server.product_code.as_deref().unwrap_or(product)),
        ));
    }
    fields.extend([
        ("zoneCode", Node::text(server.zone.as_str())),
        ("regionCode", Node::text(server.region.as_str())),
        ("vpcNo", "1003".into()),
        ("subnetNo", "2043".into()),
        ("networkInterfaceNoList", Node::List("networkInterfaceNo", vec!["9005".into()])),
        ("initScriptNo", "".into()),
    ]);
    if xen {
        fields.push(("serverInstanceType", code("STAND", "Standard")));
    }
    fields.extend(disks());
    let (hypervisor, spec) = if xen { ("XEN", "s2-g2-h50") } else { ("KVM", "s2-g3") };
    fields.extend([
        ("placementGroupNo", "".into()),
        ("placementGroupName", "".into()),
        ("memberServerImageInstanceNo", "".into()),
        ("hypervisorType", code(hypervisor, hypervisor)),
        ("serverImageNo", "19463675".into()),
        ("serverSpecCode", Node::text(server.spec_code.as_deref().unwrap_or(spec))),
    ]);
    fields
}

fn disks() -> Fields<'static> {
    vec![
        ("baseBlockStorageDiskType", code("NET", "Network Storage")),
        ("baseBlockStorageDiskDetailType", code("SSD", "SSD")),
    ]
}

/// `region`. Only Classic numbers them.
pub(super) fn region_fields(region: &Region, platform: Generation) -> Node<'static> {
    let mut fields: Fields = Vec::new();
    if platform == Generation::Classic {
        fields.push(("regionNo", region.no.to_string().into()));
    }
    fields.push(("regionCode", region.code.to_string().into()));
    fields.push(("regionName", region.name().to_owned().into()));
    Node::Fields(fields)
}

/// The `zone`s of a region in `getZoneList`.
pub(super) fn zones(region: &Region, platform: Generation) -> Node<'static> {
    let zones = region.zones().into_iter().map(|zone| {
        let mut fields: Fields = Vec::new();
        if platform == Generation::Classic {
            fields.push(("zoneNo", zone.no.to_string().into()));
        }
        fields.push(("zoneName", zone.code.clone().into()));
        fields.push(("zoneCode", zone.code.into()));
        fields.push(("zoneDescription", format!("{} zone", region.name()).into()));
        match platform {
            Generation::Classic => fields.push(("regionNo", region.no.to_string().into())),
            Generation::Vpc => fields.push(("regionCode", region.code.to_string().into())),
        }
        Node::Fields(fields)
    });
    Node::List("zone", zones.collect())
}

fn code(code: &'static str, name: &'static str) -> Node<'static> {
    Node::Fields(vec![("code", code.into()), ("codeName", name.into())])
}

/// `codeName` is localised, as in the real cloud: a client must not compare it.
fn status(code: &str) -> Node<'_> {
    let name = match code {
        "RUN" => "서버 RUN 상태",
        "NSTOP" => "Server normal stopped state",
        "FSTOP" => "서버 비정상 정지 상태",
        _ => "Server state",
    };
    Node::Fields(vec![("code", Node::text(code)), ("codeName", name.into())])
}

fn operation(code: &str) -> Node<'_> {
    let name = match code {
        "NULL" => "서버 NULL OP",
        "SHTDN" => "Server SHUTDOWN OP",
        "START" => "Server START OP",
        _ => "Server OP",
    };
    Node::Fields(vec![("code", Node::text(code)), ("codeName", name.into())])
}

/// `serverInstanceStatusName`: the console's word for status and operation together.
fn together(state: &State) -> &'static str {
    match (state.status.code(), state.operation.code()) {
        ("RUN", "NULL") => "running",
        ("RUN", "SHTDN" | "HSHTD") => "shutting down",
        ("NSTOP", "NULL") => "stopped",
        ("NSTOP" | "CREAT", "START") => "booting",
        ("RUN", "RESTA" | "HREST") => "rebooting",
        ("NSTOP", "CHNG") => "changingSpec",
        (_, "TERMT") => "terminating",
        ("INIT" | "CREAT", _) => "creating",
        ("FSTOP", _) => "repairing",
        _ => "unknown",
    }
}

/// `2018-10-22T16:19:50+0900`: Korean time, no colon in the offset.
fn time(at: DateTime<Utc>) -> Node<'static> {
    let korea = FixedOffset::east_opt(9 * 3600).expect("less than a day");
    at.with_timezone(&korea).format("%Y-%m-%dT%H:%M:%S%z").to_string().into()
}
