//! The way to PostgreSQL through a network: encrypted, and to nobody else.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"1s\"\n";

/// A root certificate that a company made for itself.
fn root_of(company: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.distinguished_name.push(DnType::CommonName, company);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_whose_certificate_a_company_s_root_signed_for_its_name() {
    let Some(world) = World::of(FLEET).await else { return };
    let (ours, theirs) = (root_of("ours"), root_of("theirs"));
    let by = |name: &'static str, root: &str| {
        let path = world.folder().join(format!("{root}.pem"));
        let port = world.postgres.port;
        let checks = format!("sslmode=verify-full&sslrootcert={}", path.display());
        world.node_by(name, format!("postgres://postgres@localhost:{port}/postgres?{checks}"))
    };
    fs::write(world.folder().join("ours.pem"), ours.pem()).unwrap();
    fs::write(world.folder().join("theirs.pem"), theirs.pem()).unwrap();
    let serve = async |name: &str| {
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &ours).unwrap();
        world.postgres.speak_tls(&certificate.pem(), &key.serialize_pem()).await;
    };
    // Without TLS, nothing is said at all.
    let (a, b) = (by("a", "ours"), by("b", "ours"));
    for (name, node, why) in [
        (None, &a, "TLS"),
        (Some("other.test"), &a, "not valid for name"),
        (Some("localhost"), &by("c", "theirs"), "UnknownIssuer"),
    ] {
        if let Some(name) = name {
            serve(name).await;
        }
        let refused = node.run("audit share").await;
        assert_eq!(refused.code, Some(5), "{refused:?}");
        assert!(refused.stderr.contains(why), "{refused:?}");
    }
    let (a, b) = world.pair_from(a, b).await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    let open: (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE ssl)
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'lightsout'",
    )
    .fetch_one(&mut world.postgres.connect().await)
    .await
    .unwrap();
    assert!(open.0 > 0 && open.0 == open.1, "{open:?}");
    world.is_whole(&[&a, &b]).await;
}
