package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.handover.HandoverServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.netty.resources.LoopResources;

/** The unit agrees with the program and with the Debian package. */
class SystemdUnitTest {
  private final Map<String, List<String>> unit = unit();

  private static Map<String, List<String>> unit() {
    Map<String, List<String>> settings = new LinkedHashMap<>();
    Manifests.text("systemd/understudy.service")
        .lines()
        .filter(line -> line.matches("[A-Z][A-Za-z]*=.*"))
        .forEach(
            line -> {
              String[] pair = line.split("=", 2);
              settings.computeIfAbsent(pair[0], name -> new ArrayList<>()).add(pair[1]);
            });
    return settings;
  }

  private String one(String name) {
    assertThat(unit).containsKey(name);
    assertThat(unit.get(name)).as(name).hasSize(1);
    return unit.get(name).getFirst();
  }

  private Duration seconds(String name) {
    assertThat(one(name)).matches("[0-9]+s");
    return Duration.ofSeconds(Long.parseLong(one(name).replace("s", "")));
  }

  @Test
  void the_program_says_when_it_is_ready_and_that_it_lives() {
    assertThat(one("Type")).isEqualTo("notify");
    assertThat(one("ExecStart")).isEqualTo("/usr/bin/understudy serve");
    assertThat(seconds("WatchdogSec")).isPositive();
  }

  /** {@code understudy upgrade} reads the same variable. */
  @Test
  void a_reload_hands_over_at_a_socket_in_a_directory_of_its_own() {
    assertThat(one("ExecReload")).isEqualTo("/usr/bin/understudy upgrade");
    assertThat(one("Environment"))
        .isEqualTo("UNDERSTUDY_HANDOVER_SOCKET=/run/" + one("RuntimeDirectory") + "/handover.sock");
    // Files override what the unit says, so that an operator may say otherwise.
    assertThat(one("EnvironmentFile")).isEqualTo("-/etc/default/understudy");
  }

  /** The process that reloads is ended at the limit of a start. */
  @Test
  void the_limit_of_a_reload_is_longer_than_a_handover_may_take() {
    assertThat(seconds("TimeoutStartSec")).isGreaterThan(HandoverServer.MOST);
  }

  /** One that is killed for want of memory must not take the other one with it. */
  @Test
  void of_two_processes_each_may_be_killed_alone() {
    assertThat(one("OOMPolicy")).isEqualTo("continue");
  }

  /** As for the Deployment's grace period. */
  @Test
  void the_limit_of_a_stop_is_longer_than_all_of_its_steps_together() {
    Settings settings = Settings.ofTheExample();
    Duration phase = settings.get("spring.lifecycle.timeout-per-shutdown-phase", Duration.class);
    Duration ofTheEventLoops = Duration.ofSeconds(LoopResources.DEFAULT_SHUTDOWN_TIMEOUT);

    assertThat(seconds("TimeoutStopSec"))
        .isGreaterThan(settings.drainDelay().plus(phase).plus(phase).plus(ofTheEventLoops));
  }

  @Test
  void an_orderly_stop_is_a_success() {
    assertThat(one("KillSignal")).isEqualTo("SIGTERM");
    assertThat(one("SuccessExitStatus")).isEqualTo("143");
    assertThat(one("Restart")).isEqualTo("on-failure");
  }

  @Test
  void it_may_write_its_state_and_nothing_else() {
    assertThat(one("ProtectSystem")).isEqualTo("strict");
    assertThat("/var/lib/" + one("StateDirectory")).isEqualTo(one("WorkingDirectory"));
    assertThat(unit).doesNotContainKeys("ReadWritePaths", "CacheDirectory", "LogsDirectory");
    assertThat(one("PrivateTmp")).isEqualTo("yes");
  }

  @Test
  void it_has_no_rights_but_those_of_its_own_user() {
    assertThat(one("User")).isEqualTo("understudy");
    assertThat(one("CapabilityBoundingSet")).isEmpty();
    assertThat(unit).doesNotContainKey("AmbientCapabilities");
    assertThat(one("NoNewPrivileges")).isEqualTo("yes");
  }

  /** A compiler that runs with the program writes code. */
  @Test
  void java_may_compile() {
    assertThat(one("MemoryDenyWriteExecute")).isEqualTo("no");
  }

  @Test
  void each_connection_has_a_file_descriptor_and_its_servers_too() {
    int connections = Settings.ofTheExample().client().maxConnections();

    assertThat(Integer.parseInt(one("LimitNOFILE"))).isGreaterThan(2 * connections);
  }
}
