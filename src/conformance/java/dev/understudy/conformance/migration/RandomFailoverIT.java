package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HAProxy with backends at random, and Understudy with what {@code import} made of them: after a
 * server was killed, fell ill, was drained or came back, the same servers serve. Where they do not
 * by design, the report says so. The seed is fixed, so that a difference comes again.
 */
class RandomFailoverIT {
  private static final long SEED = 48;
  private static final int BACKENDS = Extent.rounds(200, 60);
  private static final int REQUESTS = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What the report says where another server may serve. */
  private static final Pattern BY_DESIGN =
      Pattern.compile(
          "shares the requests with the backups before it|left out, as it is disabled|left out, as"
              + " its weight|sessions are recognised by");

  @TempDir private Path folder;
  private final Map<String, EchoServer> servers = new TreeMap<>();
  private Migration migration;
  private Path socket;
  private Set<String> explained = Set.of();
  private String drained = "";

  /** The server that was drained, and is ready again. */
  private String returned = "";

  /** Who responds to requests for a backend: names, or a status alone. */
  private final Map<String, String> theirs = new ConcurrentHashMap<>();

  private final Map<String, String> ours = new ConcurrentHashMap<>();

  @Test
  void the_same_servers_serve_after_each_event() throws Exception {
    String text = new RandomBackends(SEED).file(BACKENDS);
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
    socket = folder.resolve("s");
    Map<String, String> variables = new HashMap<>(Map.of("SOCK", socket.toString()));
    for (String name : RandomBackends.SERVERS) {
      EchoServer server = EchoServer.start(name);
      servers.put(name, server);
      variables.put(RandomBackends.variable(name), Integer.toString(server.port()));
    }
    explained = explained(text, variables);
    assertThat(explained.size()).as("most are compared").isLessThan(BACKENDS / 2);
    try (Migration both = Migration.start(folder, file, variables, List.of("P"), TOKEN_ARGUMENT)) {
      migration = both;
      play(text);
    } finally {
      for (EchoServer server : servers.values()) {
        server.kill();
      }
    }
  }

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String TOKEN_ARGUMENT = "--understudy.admin.token=" + TOKEN;

  private void play(String text) throws Exception {
    compare("at the start", text);
    servers.get("s0").kill();
    compare("S0 is killed", text);
    servers.get("s0").restore();
    compare("S0 is back", text);
    servers.get("s1").setUnhealthy();
    compare("S1 is ill", text);
    servers.get("s1").restore();
    compare("S1 is well", text);
    servers.get("s0").kill();
    servers.get("s1").kill();
    compare("S0 and S1 are killed", text);
    servers.get("s0").restore();
    servers.get("s1").restore();
    compare("S0 and S1 are back", text);
    drained = "s2";
    state("s2", "drain");
    compare("S2 drains", text);
    drained = "";
    returned = "s2";
    state("s2", "ready");
    compare("S2 is ready", text);
    returned = "";
    for (String name : List.of("s0", "s1", "s2")) {
      servers.get(name).kill();
    }
    compare("S3 alone is left", text);
    for (String name : List.of("s0", "s1", "s2")) {
      servers.get(name).restore();
    }
    compare("all are back", text);
  }

  /** Waits until both give the same servers for each backend. */
  private void compare(String event, String text) throws Exception {
    Set<String> left = new TreeSet<>();
    for (int i = 0; i < BACKENDS; i++) {
      String backend = RandomBackends.name(i);
      if (!explained.contains(backend)) {
        left.add(backend);
      }
    }
    Map<String, String> before = Map.copyOf(ours);
    long begun = System.nanoTime();
    while (!left.isEmpty() && System.nanoTime() - begun < PATIENCE.toNanos()) {
      ask(left);
      left.removeIf(
          each ->
              isAlike(
                  section(each, text),
                  theirs.get(each),
                  ours.get(each),
                  before.getOrDefault(each, "")));
    }
    Map<String, String> differing = new TreeMap<>();
    for (String each : left) {
      differing.put(
          section(each, text), theirs.get(each) + " in HAProxy, " + ours.get(each) + " here");
    }
    assertThat(differing).as(event).isEmpty();
  }

  /**
   * Whether the same servers serve, or servers of the same rank where several share: which of them
   * a few requests reach is chance, and where a client's session is.
   */
  private boolean isAlike(String section, String there, String here, String before) {
    Set<String> ranks = ranks(section, there);
    if (section.contains("  stick on src")) {
      // Where the one client of this test was served first after an outage of all is chance, and
      // the session that it has there stays while the server drains.
      boolean stays = here.equals(drained) && here.equals(before);
      return there.equals(here) || stays || !ranks(section, here).contains("none");
    }
    // In HAProxy a drained server keeps its sessions, and a role that sticks is one. Here the role
    // leaves, and sticks to where it is once the server is ready again.
    boolean sticks = section.contains("  stick on dst");
    boolean kept = there.equals(drained) && !here.contains(drained);
    boolean stays = there.equals(returned) && here.equals(before);
    return there.equals(here)
        || (sticks && (kept || stays))
        || (ranks.equals(ranks(section, here)) && !ranks.contains("none") && ranks.size() == 1);
  }

  private Set<String> ranks(String section, String serving) {
    Set<String> ranks = new TreeSet<>();
    for (String name : serving.split(" ")) {
      Optional<String> line =
          section.lines().filter(each -> each.startsWith("  server " + name + " ")).findFirst();
      if (line.isEmpty() || name.equals(drained)) {
        ranks.add("none");
      } else {
        ranks.add(line.get().endsWith(" backup") ? "backup" : "master");
      }
    }
    return ranks;
  }

  private void ask(Set<String> backends) throws Exception {
    Semaphore places = new Semaphore(32);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String each : backends) {
        clients.submit(
            () -> {
              places.acquire();
              try {
                theirs.put(each, serving(migration.theirPort("P"), each));
                ours.put(each, serving(migration.ourPort("P"), each));
              } finally {
                places.release();
              }
              return null;
            });
      }
    }
  }

  private static String serving(int port, String backend) {
    Set<String> names = new TreeSet<>();
    try {
      for (int i = 0; i < REQUESTS; i++) {
        Answer answer = HttpConnection.once(port, "GET", "/", "Host: " + backend);
        if (answer.status() != 200) {
          return Integer.toString(answer.status());
        }
        names.add(answer.headers().get("x-server"));
      }
    } catch (IOException e) {
      return e.toString();
    }
    return String.join(" ", names);
  }

  /** An operator's wish, in all backends that have the server. */
  private void state(String server, String state) throws Exception {
    for (int i = 0; i < BACKENDS; i++) {
      String backend = RandomBackends.name(i);
      command("set server " + backend + "/" + server + " state " + state);
      migration.state(backend, server, state, TOKEN);
    }
  }

  private void command(String line) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer reply = ByteBuffer.allocate(4096);
      while (channel.read(reply) >= 0 && reply.hasRemaining()) {
        continue;
      }
    }
  }

  /** The backends of which the report says that another server may serve. */
  private static Set<String> explained(String text, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("P", "80");
    Imported imported =
        (Imported)
            HaproxyImport.of(
                text,
                new Surroundings("haproxy.cfg", all::get, name -> Optional.empty(), name -> false));
    List<String> lines = text.lines().toList();
    Set<String> found = new TreeSet<>();
    for (LineVerdict each : imported.lines()) {
      boolean differs = each.verdict().compareTo(Verdict.EXACT) > 0;
      if (differs && BY_DESIGN.matcher(each.text()).find()) {
        found.add(backend(lines, each.line()));
      }
    }
    return found;
  }

  private static String backend(List<String> lines, int number) {
    int at = number - 1;
    while (!lines.get(at).startsWith("backend ")) {
      at--;
    }
    return lines.get(at).substring("backend ".length());
  }

  private static String section(String backend, String text) {
    List<String> section = new ArrayList<>();
    boolean in = false;
    for (String line : text.lines().toList()) {
      if (!line.startsWith(" ")) {
        in = line.equals("backend " + backend);
      }
      if (in) {
        section.add(line);
      }
    }
    return String.join("\n", section);
  }
}
