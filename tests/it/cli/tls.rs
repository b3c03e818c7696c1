//! The far side's certificate, checked against what `SSL_CERT_FILE` trusts.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use super::shell::{ALL, ONE, Shell, finish};

/// A root certificate that a company made for itself.
fn root_of(company: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.distinguished_name.push(DnType::CommonName, company);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap()
}

/// TLS in front of a shell's cloud, with a certificate for `name` signed by `root`. Returns its
/// base URL.
async fn front(shell: &Shell, name: &str, root: &CertifiedIssuer<'static, KeyPair>) -> String {
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = names.signed_by(&key, root).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let behind = shell.cloud.base_url().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                // Whoever does not trust the certificate goes away here.
                let Ok(mut near) = acceptor.accept(connection).await else { return };
                let mut far = TcpStream::connect(behind).await.unwrap();
                drop(copy_bidirectional(&mut near, &mut far).await);
            });
        }
    });
    format!("https://{address}")
}

/// What `fire` comes to that trusts only the certificates in a file.
async fn fire(shell: &Shell, gateway: &str, trusted: &Path) -> (Option<i32>, String) {
    let mut command = shell.command("fire night --yes");
    command.env("NCLOUD_API_GW", gateway).env("SSL_CERT_FILE", trusted);
    let done = finish(command).await;
    (done.code, done.stderr)
}

#[tokio::test]
async fn a_company_root_is_trusted_where_ssl_cert_file_names_it_and_no_other_is() {
    let shell = Shell::of(ONE, &ALL.replace("30s", "1s")).await;
    let (root, stranger) = (root_of("ours"), root_of("theirs"));
    let trusted = shell.path().join("root.pem");
    fs::write(&trusted, root.pem()).unwrap();
    for (name, signed_by, why) in
        [("127.0.0.1", &stranger, "UnknownIssuer"), ("other.test", &root, "not valid for name")]
    {
        let gateway = front(&shell, name, signed_by).await;
        let (code, told) = fire(&shell, &gateway, &trusted).await;
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("certificate") && told.contains(why), "{told}");
        assert_eq!(shell.cloud.requests().len(), 0, "nothing was said to a stranger");
    }
    let gateway = front(&shell, "127.0.0.1", &root).await;
    let (code, told) = fire(&shell, &gateway, &trusted).await;
    assert_eq!((code, shell.stop_requests()), (Some(0), 1), "{told}");
}

/// A proxy on loopback. Returns its URL, and the lines by which it was asked.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let heard = Arc::clone(&heard);
            tokio::spawn(async move {
                let mut near = BufReader::new(connection);
                let mut first = String::new();
                near.read_line(&mut first).await.unwrap();
                let mut line = first.clone();
                while !line.trim().is_empty() {
                    line.clear();
                    near.read_line(&mut line).await.unwrap();
                }
                let to = first.split_whitespace().nth(1).unwrap().to_owned();
                heard.lock().unwrap().push(first.trim().to_owned());
                let mut far = TcpStream::connect(to).await.unwrap();
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                drop(copy_bidirectional(&mut near, &mut far).await);
            });
        }
    });
    (url, asked)
}

#[tokio::test]
async fn only_the_account_with_a_proxy_goes_through_it_and_the_environment_s_is_not_taken() {
    let (url, asked) = proxy().await;
    let rules = ALL.replace("\"vpc\"", &format!("\"vpc\"\nproxy = \"{url}\""));
    let shell = Shell::of(ONE, &rules).await;
    let root = root_of("ours");
    let trusted = shell.path().join("root.pem");
    fs::write(&trusted, root.pem()).unwrap();
    let gateway = front(&shell, "127.0.0.1", &root).await;
    let (code, told) = fire(&shell, &gateway, &trusted).await;
    assert_eq!((code, shell.stop_requests()), (Some(0), 1), "{told}");
    let connect = format!("CONNECT {} HTTP/1.1", gateway.trim_start_matches("https://"));
    let lines = std::mem::take(&mut *asked.lock().unwrap());
    assert!(!lines.is_empty() && lines.iter().all(|line| *line == connect), "{lines:?}");
    fs::write(shell.path().join("schedules.toml"), ALL).unwrap();
    let mut command = shell.command("plan");
    command.env("NCLOUD_API_GW", &gateway).env("SSL_CERT_FILE", &trusted);
    command.envs(["HTTPS_PROXY", "https_proxy", "ALL_PROXY"].map(|name| (name, &url)));
    assert_eq!(finish(command).await.code, Some(0));
    assert_eq!(asked.lock().unwrap().len(), 0);
    // A proxy that is away proves that nothing was sent.
    let nobody = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let nobody = format!("http://{}", nobody.local_addr().unwrap());
    let rules = rules.replace(&url, &nobody).replace("30s", "1s");
    fs::write(shell.path().join("schedules.toml"), rules).unwrap();
    let (code, told) = fire(&shell, &gateway, &trusted).await;
    assert_eq!((code, shell.stop_requests()), (Some(3), 1), "{told}");
}
