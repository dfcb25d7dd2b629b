package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.PoolReader.Read;
import dev.understudy.config.PoolReader.Reading;
import dev.understudy.config.PoolReader.Refused;
import dev.understudy.deploy.Manifests;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolSettings;
import dev.understudy.testing.Rows;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Pools that objects of a cluster describe. */
class PoolReaderTest {
  private static final PoolId ID = new PoolId("gw.shop.sense");
  private static final String SERVERS = "a: { url: \"http://a\" }";

  private static final RouteChecker CHECKER =
      new RouteChecker() {
        @Override
        public String bundleProblem(String bundle) {
          return "the name of a bundle";
        }
      };

  private static Reading read(String yaml) {
    return new PoolReader(CHECKER).read(ID, Manifests.parse(yaml).get(0));
  }

  @Test
  void a_pool_of_an_object_is_that_of_a_file() {
    JsonNode full = Manifests.parse(FullFile.text()).get(0).path("pools").path("sense");
    ObjectNode settings = (ObjectNode) full.deepCopy();
    settings.remove("error-pages");
    ((ObjectNode) settings.path("servers").path("sen2")).remove("health-host");
    ((ObjectNode) settings.path("servers").path("sen")).remove("health-host");
    ((ObjectNode) settings.path("health").path("agent")).remove("host");
    ((ObjectNode) settings.path("tls")).remove("bundle");
    String file =
        JsonMapper.shared()
            .createObjectNode()
            .<ObjectNode>set("pools", JsonMapper.shared().createObjectNode().set("sense", settings))
            .toString();
    Pool expected = Texts.good(file.substring(0, file.length() - 1) + "," + ROUTES).pools().get(0);

    Reading read = new PoolReader(RouteChecker.NONE).read(ID, settings);

    assertThat(read).isInstanceOf(Read.class);
    Pool pool = ((Read) read).pool();
    assertThat(pool.id()).isEqualTo(ID);
    assertThat(pool.servers()).isEqualTo(expected.servers());
    assertThat(pool.health()).isEqualTo(expected.health());
    assertThat(pool.failback()).isEqualTo(expected.failback());
    assertThat(pool.settings()).isEqualTo(expected.settings());
  }

  private static final String ROUTES =
      "\"routes\":[{\"id\":\"a\",\"uri\":\"pool://sense\",\"predicates\":[\"Path=/**\"]}]}";

  @Test
  void all_that_is_left_out_has_its_default() {
    assertThat(((Read) read("servers: { " + SERVERS + " }")).pool().settings())
        .isEqualTo(PoolSettings.DEFAULT);
  }

  @Test
  void a_backslash_keeps_what_looks_like_a_placeholder() {
    Pool pool =
        ((Read) read("{ servers: { %s }, health: { path: '/\\${x}' } }".formatted(SERVERS))).pool();
    assertThat(((HttpCheck) pool.health().check()).path()).isEqualTo("/${x}");
  }

  /** What is wrong, and the problems. */
  @Rows(
      """
      # each problem names its setting
      servers: { a: { url: "http://a", role: boss } } | servers.a.role: expected master or backup, found "boss"
      health: { fall: 0, rize: 2 } | health.fall: expected a whole number of at least 1 and at most 100, found 0; health.rize: unknown key, did you mean "rise"?
      failback: { policy: manual, after: 3 } | failback.after: expected a duration of 0s to 24h, such as 2s or 250ms, found 3
      servers: {} | servers: expected at least one server, found an empty map
      servers: { a: { url: "http://a", role: backup } } | servers: expected at least one server with the role master, found backups only
      # a bundle is the proxy's own
      tls: { bundle: inner } | tls.bundle: expected none here, as its certificate is the proxy's own, found "inner"
      # what is held is bounded
      hold: { requests: 100000 } | hold: expected at most 128 MB of bodies: requests times body, of which each has a default
      # nothing of the proxy's surroundings is read
      health: { path: "/${HOME}" } | health.path: expected no placeholder here; a backslash before ${ keeps it as text, found "/${HOME}"
      health: { type: redis, password: "${file:/etc/passwd}" } | health.password: expected no placeholder here; a backslash before ${ keeps it as text, found ***
      health: { path: "/${:${file:/etc/passwd}}" } | health.path: expected no placeholder here; a backslash before ${ keeps it as text, found ***
      error-pages: { 503: /etc/passwd } | error-pages: expected none here, as they are files of the proxy's, found a map
      # no program of the proxy's is run
      hooks: { promote: { command: [reboot] } } | hooks.promote.command: expected a url here, as programs are the proxy's, found a list
      hooks: { demote: { command: [reboot] } } | hooks.demote.command: expected a url here, as programs are the proxy's, found a list
      # no other host is called or probed
      hooks: { promote: { url: "http://169.254.169.254/" } } | hooks.promote.url: expected {server.host} as its host here: only the pool's own servers are called, found "http://169.254.169.254/"
      hooks: { demote: { url: "http://{server.host}:80@a/" } } | hooks.demote.url: expected {server.host} as its host here: only the pool's own servers are called, found "http://***"
      hooks: { demote: { url: "http://{server.host}.a/" } } | hooks.demote.url: expected {server.host} as its host here: only the pool's own servers are called, found "http://{server.host}.a/"
      servers: { a: { url: "http://a", health-host: b } } | servers.a.health-host: expected none here: each server is probed itself, found "b"
      health: { agent: { port: 1, host: b } } | health.agent.host: expected none here: each server's own is asked, found "b"
      # what is no pool is refused
      [] | expected a map, found a list
      null | expected a map, found nothing
      5 | expected a map, found 5
      """)
  void a_bad_pool_is_refused_with_all_of_its_problems(String bad, @Nullable String problems) {
    boolean whole = bad.startsWith("servers") || !bad.contains(":");
    Reading read = read(whole ? bad : "{ servers: { " + SERVERS + " }, " + bad + " }");

    assertThat(read).isInstanceOf(Refused.class);
    assertThat(
            String.join("; ", ((Refused) read).problems().stream().map(Object::toString).toList()))
        .isEqualTo(problems);
  }
}
