package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.etcd.EtcdRegister;
import dev.understudy.agreement.etcd.EtcdSettings;
import dev.understudy.agreement.register.HeardChanges;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterContract;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.scenario.EtcdServer;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The register in a real etcd, and what becomes of it when etcd does. */
class EtcdRegisterIT extends RegisterContract {
  private static final RegisterKey POOL = RegisterKey.pool("sense");
  private static final RegisterKey VOTER = RegisterKey.voter("a");
  private static final Duration SHORT_TTL = Duration.ofSeconds(10);

  /** Long enough for a store on the slow disk of a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir private static Path shared;
  private static EtcdServer etcd;

  private final List<AutoCloseable> own = new ArrayList<>();
  @TempDir private Path folder;

  @BeforeAll
  static void startShared() throws IOException {
    etcd = EtcdServer.start(shared);
  }

  @AfterAll
  static void stopShared() throws InterruptedException {
    if (etcd != null) {
      etcd.close();
    }
  }

  @AfterEach
  void stopOwn() throws Exception {
    for (AutoCloseable each : own.reversed()) {
      each.close();
    }
  }

  @Override
  protected Register open(String installation) {
    return new EtcdRegister(settings(etcd, installation), null);
  }

  private static EtcdSettings settings(EtcdServer server, String installation) {
    return settings(server.url(), installation);
  }

  private static EtcdSettings settings(String url, String installation) {
    return new EtcdSettings(
        List.of(url), "/understudy/" + installation + "/", null, null, PATIENCE, SHORT_TTL);
  }

  /** The usual time-outs. */
  private Register everyday(List<String> urls) {
    return closing(new EtcdRegister(EtcdSettings.of(urls, "/understudy/shop/"), null));
  }

  private <T extends AutoCloseable> T closing(T opened) {
    own.add(opened);
    return opened;
  }

  private EtcdServer ownEtcd(String... more) throws IOException {
    return closing(EtcdServer.start(folder, more));
  }

  private static long put(Register register, RegisterKey key, long expected) {
    return await(register.compareAndSet(key, held("sen2", 1), expected));
  }

  private static boolean succeeds(CompletableFuture<?> call) {
    return call.handle((value, failure) -> failure == null).join();
  }

  @Test
  void a_compacted_revision_is_gone() throws Exception {
    long first = put(register(), POOL, 0);
    long second = put(register(), POOL, first);
    put(register(), POOL, second);
    etcd.ctl("compact", Long.toString(second));
    HeardChanges heard = new HeardChanges();
    register().watch(first - 1, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.GONE);
  }

  @Test
  void a_member_that_was_killed_and_is_back_has_everything() throws Exception {
    EtcdServer server = ownEtcd();
    Register register = everyday(List.of(server.url()));
    long first = put(register, POOL, 0);
    long voter = put(register, VOTER, 0);
    HeardChanges before = new HeardChanges();
    register.watch(first, before);
    before.awaitChanges(1);

    server.kill();
    before.awaitEnd();
    assertThat(before.end().reason()).isEqualTo(Reason.UNCERTAIN);
    Await.until("its connections are closed", () -> !succeeds(register.list()));
    failsWith(Reason.NOT_TAKEN, register.compareAndSet(POOL, held("sen1", 2), first));

    server.startAgain();
    Await.until("etcd responds", () -> succeeds(register.list()));
    long second = put(register, POOL, first);
    put(register, VOTER, voter);
    HeardChanges after = new HeardChanges();
    register.watch(voter, after);
    after.awaitChanges(2);
    assertThat(after.changes().getFirst().revision()).isEqualTo(second);
  }

  @Test
  void a_member_that_lost_its_data_has_another_history() throws Exception {
    EtcdServer server = ownEtcd();
    Register register = everyday(List.of(server.url()));
    long first = put(register, POOL, 0);
    long second = put(register, POOL, first);
    server.kill();
    server.startEmpty();
    HeardChanges heard = new HeardChanges();
    register.watch(second, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.GONE);
    failsWith(Reason.CONFLICT, register.compareAndSet(POOL, held("sen1", 2), second));
  }

  @Test
  void a_frozen_member_ends_calls_by_their_time_out_and_works_once_thawed() throws Exception {
    EtcdServer server = ownEtcd();
    Register register = everyday(List.of(server.url()));
    long created = put(register, POOL, 0);
    HeardChanges heard = new HeardChanges();
    register.watch(created, heard);
    long first = put(register, POOL, created);
    heard.awaitChanges(1);

    server.freeze();
    failsWith(Reason.UNCERTAIN, register.list());
    failsWith(Reason.UNCERTAIN, register.compareAndSet(POOL, held("sen1", 2), first));
    HeardChanges late = new HeardChanges();
    register.watch(first, late);
    late.awaitEnd();
    assertThat(late.end().reason()).isEqualTo(Reason.UNCERTAIN);
    assertThat(heard.end()).isNull();

    server.thaw();
    Await.until("etcd responds", () -> succeeds(register.list()));
    // A write that timed out may have been carried out.
    long now = await(register.get(POOL)).orElseThrow().revision();
    long last = put(register, POOL, now);
    Await.until(
        "the old watch goes on",
        () -> heard.changes().stream().anyMatch(change -> change.revision() == last));
  }

  @Test
  void authentication_with_user_and_password() throws Exception {
    EtcdServer server = ownEtcd();
    server.ctl("user", "add", "root:topsecret");
    server.ctl("user", "grant-role", "root", "root");
    server.ctl("role", "add", "shop");
    server.ctl(
        "role", "grant-permission", "shop", "readwrite", "/understudy/shop/", "/understudy/shop0");
    server.ctl("user", "add", "understudy:old");
    server.ctl("user", "grant-role", "understudy", "shop");
    Path file = Files.writeString(folder.resolve("password"), "old\n");
    Register register = closing(new EtcdRegister(withPassword(server, "shop", file), null));

    // Not yet enabled.
    long first = put(register, POOL, 0);

    server.ctl("auth", "enable");
    failsWith(Reason.REFUSED, everyday(List.of(server.url())).list());
    long second = put(register, POOL, first);
    put(register, VOTER, 0);
    HeardChanges heard = new HeardChanges();
    register.watch(second, heard);
    heard.awaitChanges(1);

    // Ends the tokens that were given for the old one.
    server.ctl("--user", "root:topsecret", "user", "delete", "understudy");
    server.ctl("--user", "root:topsecret", "user", "add", "understudy:new");
    server.ctl("--user", "root:topsecret", "user", "grant-role", "understudy", "shop");
    failsWith(Reason.REFUSED, register.list());
    Files.writeString(file, "new\n");
    put(register, POOL, second);
    register.watch(second, new HeardChanges());

    Register stranger = closing(new EtcdRegister(withPassword(server, "other", file), null));
    failsWith(Reason.REFUSED, stranger.list());
    HeardChanges refused = new HeardChanges();
    stranger.watch(1, refused);
    refused.awaitEnd();
    assertThat(refused.end().reason()).isEqualTo(Reason.REFUSED);
  }

  private static EtcdSettings withPassword(EtcdServer server, String installation, Path file) {
    return new EtcdSettings(
        List.of(server.url()),
        "/understudy/" + installation + "/",
        "understudy",
        file,
        PATIENCE,
        SHORT_TTL);
  }

  @Test
  void a_token_that_a_restart_lost_is_asked_for_anew() throws Exception {
    EtcdServer server = ownEtcd();
    server.ctl("user", "add", "root:topsecret");
    server.ctl("user", "grant-role", "root", "root");
    server.ctl("auth", "enable");
    Path file = Files.writeString(folder.resolve("password"), "topsecret");
    EtcdSettings settings =
        new EtcdSettings(
            List.of(server.url()), "/understudy/shop/", "root", file, PATIENCE, SHORT_TTL);
    Register register = closing(new EtcdRegister(settings, null));
    long revision = put(register, POOL, 0);
    server.kill();
    server.startAgain();
    Await.until("etcd responds", () -> succeeds(register.list()));
    HeardChanges heard = new HeardChanges();
    register.watch(revision, heard);
    put(register, POOL, revision);
    heard.awaitChanges(1);
  }

  @Test
  void a_voter_that_is_no_longer_written_is_deleted_and_one_that_is_stays() throws Exception {
    Register writing = register();
    AtomicLong revision = new AtomicLong(put(writing, VOTER, 0));
    put(writing, POOL, 0);
    String prefix = writing.description().replaceAll(".*/understudy/(.*)/", "$1");
    Register silent = another(prefix);
    long last = put(silent, RegisterKey.voter("silent"), 0);
    HeardChanges heard = new HeardChanges();
    writing.watch(last, heard);
    Await.until(
        "the silent voter is deleted",
        () -> {
          revision.set(put(writing, VOTER, revision.get()));
          return heard.changes().stream()
              .anyMatch(change -> change.key().equals(RegisterKey.voter("silent")));
        });
    assertThat(heard.changes().stream().filter(change -> change.document() == null))
        .extracting(HeardChanges.Change::key)
        .containsExactly(RegisterKey.voter("silent"));
    assertThat(await(writing.list()).entries())
        .extracting(RegisterEntry::key)
        .containsExactlyInAnyOrder(VOTER, POOL);
    // With a new lease.
    put(silent, RegisterKey.voter("silent"), 0);
  }

  @Test
  void calls_go_to_another_member_when_one_dies_and_a_minority_says_so() throws Exception {
    List<EtcdServer> members = EtcdServer.cluster(folder, 3);
    members.forEach(this::closing);
    Register register = everyday(members.stream().map(EtcdServer::url).toList());
    long created = put(register, POOL, 0);
    HeardChanges heard = new HeardChanges();
    register.watch(created, heard);
    long first = put(register, POOL, created);
    heard.awaitChanges(1);

    members.getFirst().kill();
    heard.awaitEnd();
    Await.until("another member responds", () -> succeeds(register.list()));
    long second = put(register, POOL, first);
    HeardChanges next = new HeardChanges();
    register.watch(first, next);
    next.awaitChanges(1);
    HeardChanges lonely = new HeardChanges();
    Register ofTheLastMember = everyday(List.of(members.get(1).url()));
    ofTheLastMember.watch(first, lonely);
    lonely.awaitChanges(1);

    members.get(2).kill();
    lonely.awaitEnd();
    assertThat(lonely.end().reason()).isEqualTo(Reason.NOT_TAKEN);
    assertThat(lonely.end()).hasMessageContaining("no leader");
    failsWith(Reason.NOT_TAKEN, register.list());
    failsWith(Reason.NOT_TAKEN, register.compareAndSet(POOL, held("sen1", 2), second));

    members.get(2).startAgain();
    Await.until("a majority responds", () -> succeeds(register.list()));
    assertThat(await(register.get(POOL))).isPresent();
  }

  @Test
  void tls_with_the_context_that_is_given() throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issueForNames("etcd", "localhost");
    EtcdServer server =
        ownEtcd(
            "--cert-file",
            certificates.chain("etcd").toString(),
            "--key-file",
            certificates.key("etcd").toString());
    SslContext trusting =
        SslContextBuilder.forClient().trustManager(certificates.authorityFile().toFile()).build();
    EtcdSettings byAddress = settings(server, "shop");
    EtcdSettings byName = settings(server.url().replace("127.0.0.1", "localhost"), "shop");
    Register register = closing(new EtcdRegister(byName, () -> trusting));
    long revision = put(register, POOL, 0);
    HeardChanges heard = new HeardChanges();
    register.watch(revision, heard);
    put(register, POOL, revision);
    heard.awaitChanges(1);
    // The certificate does not name the address.
    failsWith(Reason.NOT_TAKEN, closing(new EtcdRegister(byAddress, () -> trusting)).list());
    failsWith(Reason.NOT_TAKEN, closing(new EtcdRegister(byName, null)).list());
  }

  /** Measures; asserts nothing of time. */
  @Test
  @Tag(Extent.SLOW)
  void latencies() throws Exception {
    int count = 1000;
    Register watching = another("latencies");
    Register writing = another("latencies");
    RegisterDocument document = held("sen2", 1);
    long[] written = new long[count];
    long[] seen = new long[count];
    AtomicLong told = new AtomicLong();
    AtomicLong at = new AtomicLong();
    AtomicReference<RegisterException> ended = new AtomicReference<>();
    watching.watch(
        await(watching.list()).revision(),
        new Register.WatchListener() {
          @Override
          public void changed(RegisterEntry entry) {
            at.set(System.nanoTime());
            told.set(entry.revision());
          }

          @Override
          public void deleted(RegisterKey key, long revision) {}

          @Override
          public void progress(long revision) {}

          @Override
          public void ended(RegisterException why) {
            ended.set(why);
          }
        });
    long revision = 0;
    for (int i = -100; i < count; i++) {
      long begin = System.nanoTime();
      revision = writing.compareAndSet(POOL, document, revision).get(20, TimeUnit.SECONDS);
      long end = System.nanoTime();
      while (told.get() != revision) {
        assertThat(ended.get()).isNull();
        Thread.onSpinWait();
      }
      if (i >= 0) {
        written[i] = end - begin;
        seen[i] = at.get() - begin;
      }
    }
    print("compare and set", written);
    print("compare and set until the watch tells", seen);
    assertThat(revision).isPositive();
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: p50 %.2f ms, p99 %.2f ms, most %.2f ms%n",
        what,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }
}
