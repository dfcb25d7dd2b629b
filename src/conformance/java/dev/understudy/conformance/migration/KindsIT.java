package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.ImportedProxy;
import dev.understudy.conformance.migration.KindRow.Seen;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configurations of the kinds that people publish, each with requests in its comments, as {@link
 * KindRow} says: HAProxy and Understudy with the import lead them to the same servers and refuse
 * the same. Lines after {@code #+} are HAProxy's alone.
 */
class KindsIT {
  private static final Path KINDS = Path.of("src/conformance/haproxy/kinds");
  private static final List<String> NAMES = List.of("A", "B", "C", "D");
  private static final List<String> PORTS = List.of("WEB", "TCP", "OTHER", "MAIN");

  private static final String FIRST =
      """
      pools: { p: { servers: { s: { url: "http://127.0.0.1:%s" } }, health: { type: tcp } } }
      routes: [ { id: all, uri: "pool://p", predicates: [ "Path=/**" ] } ]
      """;

  /** Asks nobody: a header field says who has a session. */
  private static final String LUA =
      """
      core.register_action("auth-intercept", {"http-req"}, function(txn, be, path, method, req, ok, bad)
        local good = txn.sf:req_fhdr("x-session") == "good"
        txn:set_var("txn.auth_response_successful", good)
        txn:set_var("txn.auth_response_code", good and 200 or 401)
      end, 6)
      """;

  @TempDir private static Path folder;
  private static final List<AutoCloseable> servers = new ArrayList<>();
  private static final Map<String, String> shared = new LinkedHashMap<>();
  private static ImportedProxy understudy;

  static List<String> kinds() throws IOException {
    try (Stream<Path> files = Files.list(KINDS)) {
      return files.map(file -> file.getFileName().toString().replace(".cfg", "")).sorted().toList();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    for (String name : NAMES) {
      EchoServer http = EchoServer.start(name);
      NamedTcpServer tcp = NamedTcpServer.start(name);
      servers.addAll(List.of(http, tcp));
      shared.put(name, Integer.toString(http.port()));
      shared.put("T" + name, Integer.toString(tcp.port()));
    }
    shared.put("LUA", Files.writeString(folder.resolve("auth.lua"), LUA).toString());
    understudy =
        ImportedProxy.start(
            Files.writeString(folder.resolve("gateway.yaml"), FIRST.formatted(shared.get("A"))));
  }

  @AfterAll
  static void stop() throws Exception {
    understudy.close();
    for (AutoCloseable server : servers) {
      server.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void both_lead_and_refuse_alike(String kind) throws Exception {
    String text = Files.readString(KINDS.resolve(kind + ".cfg"));
    Map<String, String> theirs = ports();
    Map<String, String> ours = ports();
    Result result =
        HaproxyImport.of(
            text, new Surroundings(kind, ours::get, name -> Optional.empty(), name -> false));
    assertThat(result).as(result.report()).isInstanceOf(Imported.class);
    for (Map.Entry<String, String> extra : ((Imported) result).extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    Process haproxy = haproxy(text.replaceAll("(?m)^#\\+ ", ""), theirs);
    try {
      understudy.load(((Imported) result).yaml());
      ours.put("MAIN", Integer.toString(understudy.mainPort()));
      List<String> differing = new ArrayList<>();
      for (KindRow row : KindRow.of(text)) {
        awaitListening(haproxy, theirs.get(row.port()));
        Seen expected = row.to(theirs);
        Seen seen = row.to(ours);
        boolean refuses = row.mayRefuse() && seen.server().isEmpty();
        if (!seen.equals(expected) && !refuses) {
          differing.add(row.text() + "\n  HAProxy    " + expected + "\n  Understudy " + seen);
        }
      }
      assertThat(differing).as("%s%n%s", String.join("\n", differing), result.report()).isEmpty();
    } finally {
      haproxy.destroyForcibly().waitFor();
    }
  }

  private static Map<String, String> ports() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>(shared);
    for (String port : PORTS) {
      variables.put(port, Integer.toString(Ports.free()));
    }
    return variables;
  }

  private static Process haproxy(String text, Map<String, String> variables) throws IOException {
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
    ProcessBuilder builder =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile());
    builder.environment().putAll(variables);
    return builder.start();
  }

  private static void awaitListening(Process haproxy, String port) {
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
          }
          return Ports.listening(Integer.parseInt(port));
        });
  }
}
