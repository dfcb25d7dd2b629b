package dev.understudy.scenario;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.understudy.testing.Await;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/**
 * A real API server with its etcd on loopback, with TLS, tokens and RBAC; no nodes, no controllers.
 */
public final class KubernetesApi implements AutoCloseable {
  /** May all. */
  public static final String ADMIN = "admin";

  /** May nothing until {@link #grant} is called. */
  public static final String PROXY = "proxy";

  /** May nothing. */
  public static final String STRANGER = "stranger";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path folder;
  private final EtcdServer etcd;
  private final X509Bundle authority;
  private final X509Bundle identity;
  private final HttpClient client;
  private final int port = Ports.free();
  private Process process;

  private KubernetesApi(Path folder) throws Exception {
    this.folder = folder;
    this.authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=cluster authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    this.identity =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=kube-apiserver")
            .addSanIpAddress("127.0.0.1")
            .addSanDnsName("localhost")
            .buildIssuedBy(authority);
    writeCertificates();
    writeTokens();
    this.client = HttpClient.newBuilder().sslContext(trust()).build();
    this.etcd = EtcdServer.start(folder, "--unsafe-no-fsync");
  }

  /** Starts both in that folder, and waits until the API server is ready. */
  public static KubernetesApi start(Path folder) throws Exception {
    Binaries.find("kube-apiserver");
    KubernetesApi api = new KubernetesApi(Files.createDirectories(folder));
    try {
      api.start();
      return api;
    } catch (Exception | Error e) {
      api.close();
      throw e;
    }
  }

  private void writeCertificates() throws IOException {
    Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
    Files.writeString(folder.resolve("server.crt"), identity.getCertificatePathPEM());
    Files.writeString(folder.resolve("server.key"), identity.getPrivateKeyPEM());
  }

  private void writeTokens() throws IOException {
    Files.writeString(
        folder.resolve("tokens.csv"),
        """
        admin-token,admin,1,system:masters
        proxy-token,proxy,2
        stranger-token,stranger,3
        """);
    for (String user : new String[] {ADMIN, PROXY, STRANGER}) {
      Files.writeString(tokenFile(user), user + "-token\n");
    }
  }

  private SSLContext trust() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, authority.toTrustManagerFactory().getTrustManagers(), null);
    return context;
  }

  /** Starts the API server again, on the same port and data. */
  public void start() throws IOException {
    process =
        new ProcessBuilder(
                Binaries.find("kube-apiserver").toString(),
                "--etcd-servers=" + etcd.url(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--tls-cert-file=" + folder.resolve("server.crt"),
                "--tls-private-key-file=" + folder.resolve("server.key"),
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--endpoint-reconciler-type=none",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("server.crt"),
                "--service-account-signing-key-file=" + folder.resolve("server.key"),
                "--disable-admission-plugins=ServiceAccount")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    Await.until("the API server is ready", PATIENCE, this::isReady);
  }

  private boolean isReady() throws Exception {
    if (!process.isAlive()) {
      throw new IllegalStateException("kube-apiserver ended: " + Files.readString(log()));
    }
    try {
      return send(ADMIN, "GET", "/readyz", "").statusCode() == 200
          && send(ADMIN, "GET", "/api/v1/namespaces/default", "").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private Path log() {
    return folder.resolve("kube-apiserver.log");
  }

  public String url() {
    return "https://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  public EtcdServer etcd() {
    return etcd;
  }

  public Path caFile() {
    return folder.resolve("ca.crt");
  }

  public Path tokenFile(String user) {
    return folder.resolve(user + ".token");
  }

  /** Another server with the same certificate, which has too much to do for any request. */
  public HttpsServer startOverloaded() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity.toKeyManagerFactory().getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Retry-After", "1");
          exchange.sendResponseHeaders(429, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** Sends a request as the administrator, and wants success. */
  public String admin(String method, String path, String body) throws Exception {
    HttpResponse<String> response = send(ADMIN, method, path, body);
    if (response.statusCode() / 100 != 2) {
      throw new IOException(
          method + " " + path + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  private HttpResponse<String> send(String user, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Authorization", "Bearer " + user + "-token")
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  public void createNamespace(String namespace) throws Exception {
    admin(
        "POST",
        "/api/v1/namespaces",
        """
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}
        """
            .formatted(namespace));
  }

  /** Gives {@link #PROXY} the rights that the manifests give, in that namespace. */
  public void grant(String namespace) throws Exception {
    String path = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace;
    admin(
        "POST",
        path + "/roles",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
         "metadata": {"name": "understudy"},
         "rules": [
           {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
            "verbs": ["get", "list", "watch", "create", "patch", "delete"]},
           {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}]}
        """);
    admin(
        "POST",
        path + "/rolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": "understudy"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "understudy"},
         "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "proxy"}]}
        """);
    // The API server hears of it as any other client does.
    String leases = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    Await.until("it may", () -> send(PROXY, "GET", leases, "").statusCode() == 200);
  }

  /** SIGSTOP: the kernel still accepts connections, nobody answers; SIGCONT undoes it. */
  public void signal(String name) throws IOException, InterruptedException {
    Processes.signal(process.toHandle(), name);
  }

  /** Ends the API server at once; etcd goes on. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    if (process != null) {
      kill();
    }
    etcd.close();
  }
}
