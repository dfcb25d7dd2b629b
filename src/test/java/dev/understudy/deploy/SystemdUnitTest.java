package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.handover.HandoverServer;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

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

  /** A setting that stands once, and its value; without one it does not stand there. */
  @Rows(
      """
      # the program says when it is ready, and is started as its launcher does
      Type | notify
      ExecStart | /usr/bin/understudy serve
      # a reload hands over; files override what the unit says, so that an operator may say otherwise
      ExecReload | /usr/bin/understudy upgrade
      EnvironmentFile | -/etc/default/understudy
      # of two processes each may be killed alone: one that is killed for want of memory takes not the other
      OOMPolicy | continue
      # an orderly stop is a success
      KillSignal | SIGTERM
      SuccessExitStatus | 143
      Restart | on-failure
      # it may write its state and nothing else
      ProtectSystem | strict
      PrivateTmp | yes
      ReadWritePaths |
      CacheDirectory |
      LogsDirectory |
      # it has no rights but those of its own user, and that to ports below 1024, such as HAProxy has
      User | understudy
      CapabilityBoundingSet | CAP_NET_BIND_SERVICE
      AmbientCapabilities | CAP_NET_BIND_SERVICE
      NoNewPrivileges | yes
      # Java may compile: a compiler that runs with the program writes code
      MemoryDenyWriteExecute | no
      """)
  void the_unit_has(String name, @Nullable String value) {
    if (value == null) {
      assertThat(unit).doesNotContainKey(name);
    } else {
      assertThat(one(name)).isEqualTo(value);
    }
  }

  @Test
  void it_says_that_it_lives() {
    assertThat(seconds("WatchdogSec")).isPositive();
  }

  /** {@code understudy upgrade} reads the same variable. */
  @Test
  void a_reload_hands_over_at_a_socket_in_a_directory_of_its_own() {
    assertThat(one("Environment"))
        .isEqualTo("UNDERSTUDY_HANDOVER_SOCKET=/run/" + one("RuntimeDirectory") + "/handover.sock");
  }

  /** The process that reloads is ended at the limit of a start. */
  @Test
  void the_limit_of_a_reload_is_longer_than_a_handover_may_take() {
    assertThat(seconds("TimeoutStartSec")).isGreaterThan(HandoverServer.MOST);
  }

  /** As for the Deployment's grace period. */
  @Test
  void the_limit_of_a_stop_is_longer_than_all_of_its_steps_together() {
    assertThat(seconds("TimeoutStopSec")).isGreaterThan(Settings.ofTheExample().longestStop());
  }

  @Test
  void it_works_where_its_state_is() {
    assertThat("/var/lib/" + one("StateDirectory")).isEqualTo(one("WorkingDirectory"));
  }

  @Test
  void each_connection_has_a_file_descriptor_and_its_servers_too() {
    int connections = Settings.ofTheExample().client().connections();

    assertThat(Integer.parseInt(one("LimitNOFILE"))).isGreaterThan(2 * connections);
  }
}
