//! How long it takes to read a list of 10,000 servers of VPC, against a tokeniser that only walks
//! the same bytes.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod ratio;

use std::fmt::Write;
use std::process::ExitCode;

use lightsout::cloud::Right;
use lightsout::cloud::ncloud::Generation;
use lightsout::cloud::ncloud::credentials::Keys;
use lightsout::cloud::ncloud::response::{CallContext, HttpAnswer, Payload, instances};
use lightsout::model::instance::RegionCode;
use quick_xml::Reader;
use quick_xml::events::Event;
use reqwest::header::HeaderMap;

const SERVERS: u32 = 10_000;

fn main() -> ExitCode {
    let body = body(SERVERS);
    println!("{} servers, {} bytes", SERVERS, body.len());
    let region = RegionCode::new("KR").expect("a region code");
    let tokens = body.clone();
    let answer = HttpAnswer { http_status: 200, headers: HeaderMap::new(), body: Ok(body) };
    let call = "getServerInstanceList";
    let keys = Keys::new("AKDUMMY0123456789ABC", "SKDUMMY0123456789abcdefghijklmnopqrstuvwx");
    let right = Right { call, granted_by: None };
    let asked = CallContext { payload: Payload::Of(call), right, keys: &keys };
    let read = || {
        let read = answer.read(asked, chrono::DateTime::UNIX_EPOCH, |list| {
            instances::page(list, Generation::Vpc, &region)
        });
        assert_eq!(read.expect("a list").instances.len(), SERVERS as usize);
    };
    let floor = || {
        let mut reader = Reader::from_reader(tokens.as_slice());
        let mut elements = 0_u32;
        loop {
            match reader.read_event().expect("XML") {
                Event::Start(_) => elements += 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(elements > SERVERS);
    };
    let is_met = ratio::compare("a list of 10,000 servers", Some(2.0), read, floor);
    if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The body of a list as the gateway writes it, with every field the reference names.
fn body(servers: u32) -> Vec<u8> {
    let mut rows = String::new();
    for no in 1_000_000..1_000_000 + servers {
        write!(
            rows,
            "<serverInstance><serverInstanceNo>{no}</serverInstanceNo>\
             <serverName>dev-개발-{no}</serverName><serverDescription></serverDescription>\
             <cpuCount>2</cpuCount><memorySize>8589934592</memorySize>\
             <platformType><code>LNX64</code><codeName>Linux 64 Bit</codeName></platformType>\
             <loginKeyName>dev-key</loginKeyName><publicIpInstanceNo></publicIpInstanceNo>\
             <publicIp></publicIp><serverInstanceStatus><code>RUN</code>\
             <codeName>Server run state</codeName></serverInstanceStatus>\
             <serverInstanceOperation><code>NULL</code><codeName>Server NULL OP</codeName>\
             </serverInstanceOperation><serverInstanceStatusName>running\
             </serverInstanceStatusName><createDate>2026-01-05T10:11:12+0900</createDate>\
             <uptime>2026-11-23T08:00:31+0900</uptime>\
             <serverImageProductCode>SW.VSVR.OS.LNX64.CNTOS.0703.B050</serverImageProductCode>\
             <serverProductCode>SVR.VSVR.STAND.C002.M008.NET.SSD.B050.G002</serverProductCode>\
             <isProtectServerTermination>false</isProtectServerTermination>\
             <zoneCode>KR-2</zoneCode><regionCode>KR</regionCode><vpcNo>10001</vpcNo>\
             <subnetNo>20002</subnetNo><networkInterfaceNoList><networkInterfaceNo>{no}\
             </networkInterfaceNo></networkInterfaceNoList><initScriptNo></initScriptNo>\
             <serverInstanceType><code>STAND</code><codeName>Standard</codeName>\
             </serverInstanceType><baseBlockStorageDiskType><code>NET</code>\
             <codeName>Network Storage</codeName></baseBlockStorageDiskType>\
             <baseBlockStorageDiskDetailType><code>SSD</code><codeName>SSD</codeName>\
             </baseBlockStorageDiskDetailType><placementGroupNo></placementGroupNo>\
             <placementGroupName></placementGroupName><memberServerImageInstanceNo>\
             </memberServerImageInstanceNo><hypervisorType><code>XEN</code>\
             <codeName>XEN</codeName></hypervisorType><serverImageNo>100</serverImageNo>\
             <serverSpecCode>s2-g2-s50</serverSpecCode></serverInstance>"
        )
        .expect("a string takes everything");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><getServerInstanceListResponse>\
         <requestId>0</requestId><returnCode>0</returnCode><returnMessage>success</returnMessage>\
         <totalRows>{servers}</totalRows><serverInstanceList>{rows}</serverInstanceList>\
         </getServerInstanceListResponse>"
    )
    .into_bytes()
}
