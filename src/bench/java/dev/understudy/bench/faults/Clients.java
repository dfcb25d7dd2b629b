package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Replica;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Some writers and readers at each replica, in a closed loop: each sends a request once it knows
 * how the one before has ended, on a kept connection while there is one, and none again.
 */
final class Clients implements AutoCloseable {
  private static final int WRITERS = 3;
  private static final int READERS = 2;
  private static final int SOME = 20;
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** With a response: more than {@link Checks#LONGEST_CALL_NANOS}, so that such a call is found. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final List<Client> clients = new ArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  private volatile boolean stopping;

  private Clients() {}

  static Clients start(List<Replica> replicas) {
    Clients clients = new Clients();
    for (Replica replica : replicas) {
      clients.add(replica.name(), () -> replica.process().port());
    }
    return clients;
  }

  /** Those of one replica, which listens at that port. */
  static Clients start(String replica, int port) {
    Clients clients = new Clients();
    clients.add(replica, () -> port);
    return clients;
  }

  /** Waits until each replica has served some. */
  void awaitService() {
    Await.until(
        "each replica serves its clients",
        () ->
            clients.stream()
                .map(client -> client.replica)
                .distinct()
                .allMatch(replica -> good(replica) >= SOME));
  }

  private long good(String replica) {
    return calls.stream()
        .filter(call -> call.end() == End.OK && call.replica().equals(replica))
        .count();
  }

  private void add(String replica, IntSupplier port) {
    for (int i = 0; i < WRITERS + READERS; i++) {
      Client client = new Client(replica, port, i < WRITERS);
      clients.add(client);
      client.thread.start();
    }
  }

  /** One of them. */
  private final class Client {
    private final String replica;
    private final IntSupplier port;
    private final boolean writes;
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private volatile @Nullable HttpConnection connection;

    Client(String replica, IntSupplier port, boolean writes) {
      this.replica = replica;
      this.port = port;
      this.writes = writes;
    }

    private void run() {
      while (!stopping) {
        call((writes ? "w" : "r") + ids.incrementAndGet());
        LockSupport.parkNanos(PERIOD_NANOS);
      }
    }

    private void call(String id) {
      long invoked = System.nanoTime();
      End end = End.FAILED;
      String what;
      try {
        HttpConnection open = connection();
        end = End.UNKNOWN;
        HttpConnection.Answer answer = send(open, id);
        end = Call.endOf(id, answer.status(), answer.body());
        what = answer.status() + " " + answer.body().lines().findFirst().orElse("");
        if (!open.reusable()) {
          leave();
        }
      } catch (ConnectException | IllegalStateException e) {
        what = "not sent: " + e.getMessage();
        leave();
      } catch (IOException e) {
        what = e.toString();
        leave();
      } catch (RuntimeException e) {
        end = End.GARBLED;
        what = "not read: " + e;
        leave();
      }
      calls.add(new Call(replica, id, writes, invoked, System.nanoTime(), end, what));
    }

    private HttpConnection connection() throws IOException {
      HttpConnection open = connection;
      if (open == null) {
        open = new HttpConnection(port.getAsInt());
        open.setPatience(PATIENCE);
        connection = open;
      }
      return open;
    }

    private HttpConnection.Answer send(HttpConnection open, String id) throws IOException {
      String mark = "X-Replica: " + replica;
      return writes
          ? open.send("POST", "/" + id, "write", mark)
          : open.send("GET", "/" + id, "", mark);
    }

    private void leave() {
      HttpConnection open = connection;
      connection = null;
      if (open != null) {
        try {
          open.close();
        } catch (IOException e) {
          return;
        }
      }
    }
  }

  /** Stops, and waits that long for requests under way; what then has no response is unknown. */
  List<Call> finish(long patienceMillis) throws InterruptedException {
    stopping = true;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    for (Client client : clients) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (!client.thread.join(Duration.ofMillis(Math.max(1, left)))) {
        client.leave();
        client.thread.join();
      }
    }
    return List.copyOf(calls);
  }

  @Override
  public void close() throws InterruptedException {
    finish(0);
    clients.forEach(Client::leave);
  }
}
