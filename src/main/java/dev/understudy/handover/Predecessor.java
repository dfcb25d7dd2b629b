package dev.understudy.handover;

import dev.understudy.handover.Message.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The process from which this one takes over, as this one sees it. Thread-safe.
 *
 * <p>If it dies before it has handed over, this process goes on alone, with what it was told until
 * then; if it lives and breaks the handover off, this process must end.
 */
public final class Predecessor implements AutoCloseable {
  /**
   * The longest wait for each of its answers. One that runs gives an answer, or ends the handover
   * itself; this is for one that is frozen, which a machine short of CPU must not look like.
   */
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

  /** How long it may take to end once its connection has. */
  private static final int END_SECONDS = 5;

  private final EventLoopGroup thread;
  private final Inheritance sockets = Inheritance.ofPredecessor();
  private final CompletableFuture<Message> offer = new CompletableFuture<>();
  private final CompletableFuture<Void> received = new CompletableFuture<>();
  private final CompletableFuture<Map<String, String>> tables = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final Line line;
  private final long pid;
  private volatile Consumer<Map<String, String>> changes = state -> {};
  private volatile @Nullable Map<String, String> newest;
  private volatile boolean ended;

  /** Descriptors that have arrived; used on the thread only. */
  private int arrived;

  private Predecessor(EventLoopGroup thread, Line line) {
    this.thread = thread;
    this.line = line;
    this.pid = line.pid();
  }

  /**
   * Finds the process that listens at the socket, and receives its sockets and state.
   *
   * @param version of this program
   * @return null if none listens
   * @throws HandoverException if it does not hand over, with the reason
   */
  public static @Nullable Predecessor find(Path socket, String version) {
    if (!UnixSockets.areAvailable() || !Files.exists(socket)) {
      return null;
    }
    EventLoopGroup thread = UnixSockets.thread();
    CompletableFuture<Line> made = new CompletableFuture<>();
    ChannelFuture connected =
        new Bootstrap()
            .group(thread)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel channel) {
                    made.complete(new Line(channel));
                  }
                })
            .option(ChannelOption.AUTO_READ, false)
            .connect(new DomainSocketAddress(socket.toFile()))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      UnixSockets.end(thread);
      return null;
    }
    Predecessor found = new Predecessor(thread, made.join());
    try {
      found.begin(connected, version);
      return found;
    } catch (RuntimeException e) {
      found.close();
      throw e;
    }
  }

  private void begin(ChannelFuture connected, String version) {
    if (!line.isOfOwner(UnixSockets.uid())) {
      throw new HandoverException("the process that listens there belongs to another user");
    }
    line.listen(new Answers());
    connected.channel().config().setAutoRead(true);
    var unused = line.send(Message.hello(version, ProcessHandle.current().pid()));
    Message offered = await(offer);
    if (sockets(offered).isEmpty()) {
      return;
    }
    line.execute(
        () -> {
          line.expectDescriptors(true);
          var unusedRequest = line.send(Message.of(Kind.DESCRIPTORS));
        });
    await(received);
  }

  private static List<OfferedSocket> sockets(Message offer) {
    return offer.sockets() == null ? List.of() : offer.sockets();
  }

  private static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.orTimeout(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof HandoverException why
          ? why
          : new HandoverException("no answer within " + ANSWER_TIMEOUT.toSeconds() + " s");
    }
  }

  /** Its process. */
  public long pid() {
    return pid;
  }

  /** Its version of the program. */
  public String version() {
    String known = offer.join().version();
    return known == null ? "unknown" : known;
  }

  /** The state when it made its offer. */
  public Map<String, String> state() {
    Map<String, String> known = offer.join().state();
    return known == null ? Map.of() : known;
  }

  /** Its listening sockets, for this process to use. */
  public Inheritance sockets() {
    return sockets;
  }

  /** Has {@code next} called with each change of the state, on a thread of the handover. */
  public void whenChanged(Consumer<Map<String, String>> next) {
    line.execute(
        () -> {
          changes = next;
          Map<String, String> known = newest;
          if (known != null) {
            next.accept(known);
          }
        });
  }

  /**
   * Says that this process would serve from now on.
   *
   * @return what changes too fast to be sent before; fails with a {@link HandoverException}
   */
  public CompletableFuture<Map<String, String>> ready() {
    var unused = line.send(Message.of(Kind.READY));
    return tables.copy().orTimeout(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  /**
   * Says that this process accepts connections.
   *
   * @return completed when this process leads; fails with a {@link HandoverException}
   */
  public CompletableFuture<Void> accepting() {
    var unused = line.send(Message.of(Kind.ACCEPTING));
    return done.copy().orTimeout(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  /** Says that this process leads, and listens for its own successor. */
  public void leads() {
    var unused = line.send(Message.of(Kind.LEADS));
  }

  /** Whether it is there no more. */
  public boolean hasEnded() {
    return ended;
  }

  /** Tells it of a change of the state, once this process leads; nobody waits for it. */
  public void tell(Map<String, String> state) {
    var unused = line.send(Message.state(Kind.STATE, state));
  }

  /**
   * Has it stop with this process, which leads.
   *
   * @return completed once it is there no more
   */
  public CompletableFuture<?> stop() {
    if (ended) {
      return CompletableFuture.completedFuture(null);
    }
    var unused = line.send(Message.of(Kind.STOP));
    return ProcessEnd.of(pid);
  }

  /** Ends the connection. */
  @Override
  public void close() {
    sockets.closeRest();
    line.close();
    UnixSockets.end(thread);
  }

  private final class Answers implements Line.Listener {
    @Override
    public void message(Message message) {
      switch (message.kind()) {
        case OFFER -> offer.complete(message);
        case STATE -> {
          Map<String, String> state = message.state();
          if (state != null) {
            newest = state;
            changes.accept(state);
          }
        }
        case TABLES -> tables.complete(message.state() == null ? Map.of() : message.state());
        case DONE -> done.complete(null);
        case REFUSED -> fail(String.valueOf(message.why()));
        default -> {
          // Of a later version.
        }
      }
    }

    @Override
    public void descriptor(FileDescriptor descriptor) {
      List<OfferedSocket> offered = sockets(offer.join());
      sockets.add(offered.get(arrived++), descriptor);
      if (arrived == offered.size()) {
        line.expectDescriptors(false);
        var unused = line.send(Message.of(Kind.RECEIVED));
        received.complete(null);
      }
    }

    @Override
    public void closed() {
      ended = true;
      if (done.isDone()) {
        return;
      }
      if (offer.isDone() && received.isDone()) {
        // A process that is killed closes its connections first.
        var unused =
            ProcessEnd.of(pid)
                .orTimeout(END_SECONDS, TimeUnit.SECONDS)
                .whenComplete((end, late) -> ended(late == null));
      } else {
        ended(false);
      }
    }

    /**
     * The handover goes no further: the process has ended, or lives and will have no more of it.
     */
    private void ended(boolean died) {
      if (died) {
        tables.complete(Map.of());
        done.complete(null);
      } else {
        fail("it broke off the handover");
      }
    }

    private void fail(String why) {
      HandoverException failure = new HandoverException(why);
      offer.completeExceptionally(failure);
      received.completeExceptionally(failure);
      tables.completeExceptionally(failure);
      done.completeExceptionally(failure);
    }
  }
}
