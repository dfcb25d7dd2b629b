package dev.understudy.bench.faults;

import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.Replica;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An etcd of one member. */
final class EtcdStore implements Store {
  private static final String RECORD = "/understudy/pool/" + Replica.POOL;

  private final EtcdServer server;

  EtcdStore(Path folder) throws IOException {
    server = EtcdServer.start(folder, "--unsafe-no-fsync");
  }

  @Override
  public int port() {
    return URI.create(server.url()).getPort();
  }

  @Override
  public List<String> settings(int port) {
    return List.of(
        "--understudy.agreement.mode=etcd",
        "--understudy.agreement.etcd.urls=http://127.0.0.1:" + port);
  }

  @Override
  public void kill() throws InterruptedException {
    server.kill();
  }

  @Override
  public void startAgain() throws IOException {
    server.startAgain();
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    server.freeze();
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    server.thaw();
  }

  @Override
  public void deleteRecord() throws IOException, InterruptedException {
    server.ctl("del", RECORD);
  }

  @Override
  public void editRecord(UnaryOperator<Entry> change) throws IOException, InterruptedException {
    String value = server.ctl("get", RECORD, "--print-value-only");
    if (value.isBlank()) {
      throw new IOException("there is no record");
    }
    ObjectNode record = (ObjectNode) JsonMapper.shared().readTree(value);
    ObjectNode attributes = (ObjectNode) record.get("attributes");
    Entry changed =
        change.apply(
            new Entry(
                record.path("holder").asString(""),
                attributes.path("address").asString(""),
                record.path("transitions").asLong()));
    record.put("holder", changed.holder()).put("transitions", changed.transitions());
    attributes.put("address", changed.address());
    server.ctl("put", RECORD, record.toString());
  }

  @Override
  public void close() throws InterruptedException {
    server.close();
  }
}
