package dev.understudy.demo;

import io.netty.channel.ChannelHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The running demo: a master, a backup and the server that controls them, all on 127.0.0.1. The
 * gateway with {@link #gatewayYaml} in front of them makes all three reachable through one port.
 */
public final class DemoServers implements AutoCloseable {
  private final DemoServer master;
  private final DemoServer backup;
  private final DemoListener control;
  private volatile @Nullable DemoConsole console;

  private DemoServers() {
    Orders orders = new Orders();
    master = new DemoServer("master", orders);
    backup = new DemoServer("backup", orders);
    control = new DemoListener("control");
    DemoControlHandler server =
        new DemoControlHandler(List.of(master, backup), orders, () -> console);
    control.open(() -> new ChannelHandler[] {DemoExchange.handler(server::handle)});
  }

  /** Starts all three servers on free ports. */
  public static DemoServers start() {
    return new DemoServers();
  }

  public DemoServer master() {
    return master;
  }

  public DemoServer backup() {
    return backup;
  }

  public int controlPort() {
    return control.port();
  }

  /** Tells the demo's page where the proxy's console is, once the proxy runs. */
  public void console(DemoConsole started) {
    console = started;
  }

  /**
   * The dynamic file for these servers, with times short enough to watch: a freeze is detected in
   * about 1.1 s, a kill at once.
   */
  public String gatewayYaml() {
    return """
    pools:
      demo:
        servers:
          master: { url: "http://127.0.0.1:%d", role: master }
          backup: { url: "http://127.0.0.1:%d", role: backup }
        health:
          path: /status
          expect: { status: "200-399", body: "version" }
          interval: 1s
          fast-interval: 200ms
          down-interval: 500ms
          timeout: 500ms
          fall: 3
          rise: 2
        failback: { policy: immediate }
        on-switch: { websockets: close, drain: 2s }
      demo-control:
        servers:
          control: { url: "http://127.0.0.1:%d", role: master }
        health:
          path: /demo/state
    default-filters:
      - RequireWebSocketUpgrade=/websocket
    routes:
      - { id: demo-control, uri: "pool://demo-control", predicates: ["Path=/demo/**"] }
      - { id: demo, uri: "pool://demo", predicates: ["Path=/**"] }
    """
        .formatted(master.port(), backup.port(), control.port());
  }

  @Override
  public void close() {
    control.close();
    master.close();
    backup.close();
  }
}
