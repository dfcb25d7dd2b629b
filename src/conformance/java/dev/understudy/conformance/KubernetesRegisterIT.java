package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.kubernetes.KubernetesRegister;
import dev.understudy.agreement.register.HeardChanges;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterContract;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.KubernetesSettings.Given;
import dev.understudy.kubernetes.KubernetesSettings.Pod;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The register in a real API server, with no rights but those of our Role. */
class KubernetesRegisterIT extends RegisterContract {
  private static final RegisterKey POOL = RegisterKey.pool("sense");
  private static final Pod OWNER = new Pod("proxy-1", "7d5a3c52-7a43-4ff5-8b0e-6c3a5a3b1d11");
  private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

  /** An API server that starts, and writes to a disk that others use, needs more than a second. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  @TempDir private static Path folder;
  private static KubernetesApi api;

  private String installation;

  @BeforeAll
  static void startApi() throws Exception {
    api = KubernetesApi.start(folder);
    api.createNamespace("shop");
    api.grant("shop");
  }

  @AfterAll
  static void stopApi() throws Exception {
    if (api != null) {
      api.close();
    }
  }

  @Override
  protected Register open(String name) {
    installation = name;
    return new KubernetesRegister(settings(name, KubernetesApi.PROXY, "shop"));
  }

  private static KubernetesSettings settings(String name, String user, String namespace) {
    Given given =
        new Given(api.url(), namespace, api.tokenFile(user).toString(), api.caFile().toString());
    return KubernetesSettings.of(given, name, "proxy-1", OWNER, variable -> null, folder)
        .withCallTimeout(CALL_TIMEOUT);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private JsonNode lease(String rest) throws Exception {
    return json(api.admin("GET", LEASES + "/" + installation + rest, ""));
  }

  @Test
  void a_pool_s_lease_says_holder_and_transitions_to_kubectl() throws Exception {
    await(register().compareAndSet(POOL, with(Map.of("reason", "FAILOVER")), 0));
    JsonNode lease = lease("-pool-sense");
    assertThat(lease.at("/spec/holderIdentity").asString()).isEqualTo("master");
    assertThat(lease.at("/spec/leaseTransitions").asInt()).isEqualTo(1);
    assertThat(lease.at("/metadata/labels/app.kubernetes.io~1managed-by").asString())
        .isEqualTo("understudy");
    assertThat(lease.at("/metadata/annotations/understudy.dev~1reason").asString())
        .isEqualTo("FAILOVER");
    assertThat(lease.at("/metadata/ownerReferences").isMissingNode()).isTrue();
    assertThat(lease.at("/spec/leaseDurationSeconds").isMissingNode()).isTrue();
  }

  @Test
  void a_pool_s_lease_belongs_to_the_one_that_the_installation_brings() throws Exception {
    Register register = register();
    api.admin(
        "POST",
        LEASES,
        """
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
         "metadata": {"name": "%s-records", "labels": {
           "app.kubernetes.io/managed-by": "understudy", "app.kubernetes.io/instance": "%s"}}}
        """
            .formatted(installation, installation));
    await(register.list());
    await(register.compareAndSet(POOL, with(Map.of("reason", "FAILOVER")), 0));
    JsonNode owner = lease("-pool-sense").at("/metadata/ownerReferences/0");
    assertThat(owner.path("uid")).isEqualTo(lease("-records").at("/metadata/uid"));
  }

  @Test
  void a_voter_s_lease_belongs_to_its_pod() throws Exception {
    long revision =
        await(register().compareAndSet(RegisterKey.voter("proxy-1"), held("proxy-1", 0), 0));
    await(register().compareAndSet(RegisterKey.voter("proxy-1"), held("proxy-1", 0), revision));
    JsonNode lease = lease("-voter-proxy-1");
    assertThat(lease.at("/metadata/ownerReferences")).hasSize(1);
    assertThat(lease.at("/metadata/ownerReferences/0/uid").asString()).isEqualTo(OWNER.uid());
    assertThat(lease.at("/spec/leaseDurationSeconds").asInt()).isEqualTo(6);
  }

  @Test
  void a_lease_without_the_installations_labels_is_found_by_name_and_taken_over() throws Exception {
    api.admin(
        "POST",
        LEASES,
        """
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
         "metadata": {"name": "%s-pool-sense"}, "spec": {"holderIdentity": "by hand"}}
        """
            .formatted(installation));
    assertThat(await(register().list()).entries()).isEmpty();
    failsWith(Reason.CONFLICT, register().compareAndSet(POOL, held("master", 1), 0));
    long found = await(register().get(POOL)).orElseThrow().revision();
    await(register().compareAndSet(POOL, held("master", 1), found));
    assertThat(await(register().list()).entries()).hasSize(1);
  }

  @Test
  void a_lease_edited_by_hand_is_watched() throws Exception {
    await(register().compareAndSet(POOL, held("master", 7), 0));
    HeardChanges heard = new HeardChanges();
    register().watch(await(register().list()).revision(), heard);
    JsonNode lease = lease("-pool-sense");
    api.admin(
        "PUT",
        LEASES + "/" + installation + "-pool-sense",
        lease.toString().replace("\"holderIdentity\":\"master\"", "\"holderIdentity\":\"x\""));
    heard.awaitChanges(1);
    assertThat(heard.changes().get(0).document().holder()).isEqualTo("x");
    assertThat(heard.changes().get(0).document().transitions()).isEqualTo(7);
  }

  @Test
  void without_the_role_calls_are_refused_and_say_what_is_missing() throws Exception {
    try (Register stranger =
        new KubernetesRegister(settings(installation, KubernetesApi.STRANGER, "shop"))) {
      for (RegisterException refusal :
          new RegisterException[] {
            failsWith(Reason.REFUSED, stranger.list()),
            failsWith(Reason.REFUSED, stranger.get(POOL)),
            failsWith(Reason.REFUSED, stranger.compareAndSet(POOL, held("master", 1), 0)),
            failsWith(Reason.REFUSED, stranger.compareAndSet(POOL, held("master", 1), 5)),
            failsWith(Reason.REFUSED, stranger.delete(POOL, 5))
          }) {
        assertThat(refusal.getMessage())
            .contains("403", "User \"stranger\" cannot", "Role in namespace shop");
      }
      HeardChanges heard = new HeardChanges();
      stranger.watch(1, heard);
      heard.awaitEnd();
      assertThat(heard.end().reason()).isEqualTo(Reason.REFUSED);
    }
  }

  @Test
  void a_namespace_that_is_not_there_is_refused() throws Exception {
    try (Register lost =
        new KubernetesRegister(settings(installation, KubernetesApi.ADMIN, "nowhere"))) {
      RegisterException refusal =
          failsWith(Reason.REFUSED, lost.compareAndSet(POOL, held("master", 1), 0));
      assertThat(refusal.getMessage()).contains("namespaces \"nowhere\" not found");
    }
  }

  @Test
  void an_epoch_beyond_what_a_lease_holds_is_refused() {
    RegisterException refusal =
        failsWith(Reason.REFUSED, register().compareAndSet(POOL, held("master", 1L << 31), 0));
    assertThat(refusal.getMessage()).contains("400");
  }

  @Test
  void an_announcement_is_an_event_of_the_lease() throws Exception {
    await(register().compareAndSet(POOL, held("master", 1), 0));
    String uid = lease("-pool-sense").at("/metadata/uid").asString();
    register().announce(POOL, "Switched", "sense: master -> backup\n(2 of 3 votes)", true);
    String path =
        "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3D"
            + installation
            + "-pool-sense";
    Await.until("an event", () -> !json(api.admin("GET", path, "")).at("/items").isEmpty());
    JsonNode event = json(api.admin("GET", path, "")).at("/items/0");
    assertThat(event.at("/involvedObject/uid").asString()).isEqualTo(uid);
    assertThat(event.at("/type").asString()).isEqualTo("Warning");
    assertThat(event.at("/reason").asString()).isEqualTo("Switched");
    assertThat(event.at("/message").asString()).isEqualTo("sense: master -> backup (2 of 3 votes)");
    assertThat(event.at("/reportingInstance").asString()).isEqualTo("proxy-1");
  }

  @Test
  void a_watch_from_before_what_the_server_remembers_is_gone() throws Exception {
    long old = await(register().list()).revision();
    long revision = 0;
    for (int i = 1; i <= 3; i++) {
      revision = await(register().compareAndSet(POOL, held("master", i), revision));
    }
    api.kill();
    api.etcd().ctl("compact", Long.toString(revision));
    api.start();
    HeardChanges heard = new HeardChanges();
    register().watch(old, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).as(heard.end().getMessage()).isEqualTo(Reason.GONE);
  }

  @Test
  void after_a_server_that_was_killed_is_back_nothing_is_missed() throws Exception {
    long first = await(register().compareAndSet(POOL, held("master", 1), 0));
    HeardChanges heard = new HeardChanges();
    register().watch(first, heard);
    api.kill();
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.UNCERTAIN);
    Await.until("its connections are closed", () -> !succeeds(register()));
    failsWith(Reason.NOT_TAKEN, register().list());
    api.start();
    RegisterListing listing = awaitList();
    assertThat(listing.entries().get(0).revision()).isEqualTo(first);
    HeardChanges anew = new HeardChanges();
    register().watch(listing.revision(), anew);
    await(register().compareAndSet(POOL, held("backup", 2), first));
    anew.awaitChanges(1);
    assertThat(anew.changes().get(0).document()).isEqualTo(held("backup", 2));
  }

  @Test
  void a_server_that_stands_still_costs_a_call_its_time_out_and_no_more() throws Exception {
    try (Register hasty =
        new KubernetesRegister(
            settings(installation, KubernetesApi.PROXY, "shop")
                .withCallTimeout(Duration.ofSeconds(1)))) {
      Await.until("a connection that takes the call", () -> succeeds(hasty));
      api.signal("STOP");
      try {
        assertThat(failsWith(Reason.UNCERTAIN, hasty.list()).getMessage()).contains("1000 ms");
      } finally {
        api.signal("CONT");
      }
      Await.until("a list", () -> succeeds(hasty));
    }
  }

  private static boolean succeeds(Register register) throws Exception {
    try {
      register.list().get(20, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private RegisterListing awaitList() throws Exception {
    Await.until("a list", () -> succeeds(register()));
    return await(register().list());
  }
}
