package dev.understudy.handover;

import dev.understudy.handover.Message.Kind;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers this process's sockets and state to its successor, and starts one when an operator asks
 * for it. As long as the successor has not said that it accepts connections, everything stays with
 * this process, and goes on if the successor fails.
 */
public final class HandoverServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HandoverServer.class);

  /**
   * From the start of a process until its first message: a second, or ten with a tenth of a CPU.
   */
  private static final Duration START = Duration.ofMinutes(3);

  /** The longest time from an operator's request until it is answered. */
  public static final Duration MOST = START.plus(Succession.LIMIT);

  /**
   * What is handed over.
   *
   * @param descriptors of the sockets, in their order
   */
  public record Offer(
      List<OfferedSocket> sockets, List<Integer> descriptors, Map<String, String> state) {}

  /** The process that hands over. Called on one thread, which it may block for some seconds. */
  public interface Host {
    /** Why it cannot hand over now, for people; null if it can. */
    @Nullable String refusal();

    /**
     * Begins to hand over.
     *
     * @param changes takes each change of the state, until the handover is done or fails
     */
    Offer offer(Consumer<Map<String, String>> changes);

    /** What changes too fast to be offered before. */
    Map<String, String> tables();

    /**
     * The successor accepts connections: follows it, and accepts none any more.
     *
     * @param news takes what the successor is to be told from then on
     * @param led completed once it leads and the operator was told, or has ended: until then this
     *     process must not end
     * @return the state that the successor leads from
     */
    Map<String, String> handOver(
        long successor, Consumer<Map<String, String>> news, CompletableFuture<?> led);

    /** The successor leads, and its state is this now. */
    void follow(Map<String, String> state);

    /** The successor stops, and this process with it. */
    void stop();

    /**
     * The successor has failed: goes on as before.
     *
     * @param exit completed once the successor has ended
     */
    void resume(CompletableFuture<?> exit);
  }

  final Host host;
  final String version;
  private final Path socket;
  private final EventLoopGroup thread;
  private final Channel listening;
  private final @Nullable Object file;
  private final int uid = UnixSockets.uid();

  /** The handover that is under way; used on the thread only, as is {@link #operator}. */
  private @Nullable Succession succession;

  /** The operator who waits for it; null if none does. */
  private @Nullable Line operator;

  private HandoverServer(Path socket, Host host, String version) throws IOException {
    this.socket = socket;
    this.host = host;
    this.version = version;
    this.thread = UnixSockets.thread();
    try {
      Path fresh = socket.resolveSibling(socket.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      listening = bind(fresh);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE);
      file = fileKey(socket);
    } catch (IOException | RuntimeException e) {
      UnixSockets.end(thread);
      throw e;
    }
  }

  /**
   * Listens for a successor and for operators.
   *
   * @param socket replaced if it is there: by a process that has taken over, or after a crash
   * @param version of this program
   * @return null if this system has no such sockets, which is logged
   * @throws IOException if the socket cannot be made
   */
  public static @Nullable HandoverServer listen(Path socket, Host host, String version)
      throws IOException {
    if (!UnixSockets.areAvailable()) {
      log.warn(
          "This process cannot hand over to a later one: Netty's native transport is not available"
              + " here");
      return null;
    }
    return new HandoverServer(socket, host, version);
  }

  private Channel bind(Path path) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(thread)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel channel) {
                    accepted(new Line(channel));
                  }
                })
            .bind(new DomainSocketAddress(path.toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  private void accepted(Line line) {
    line.listen(new FirstMessage(line));
    if (!line.isOfOwner(uid)) {
      log.warn("A process of another user was refused at {}", socket);
      line.close();
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** Gives up a handover that is under way, so that its successor ends too; returns at once. */
  public void stopping() {
    thread.execute(
        () -> {
          Succession begun = succession;
          if (begun != null) {
            begun.giveUp("this process was asked to stop");
          }
        });
  }

  /** Ends the listening; a handover that is under way fails. */
  @Override
  public void close() {
    try {
      if (Files.exists(socket) && file != null && file.equals(fileKey(socket))) {
        Files.delete(socket);
      }
    } catch (IOException e) {
      log.debug("{} cannot be removed", socket, e);
    }
    UnixSockets.end(thread);
  }

  void refuse(Line line, String why) {
    var unused = line.send(Message.told(Kind.REFUSED, why)).addListener(sent -> line.close());
  }

  private @Nullable String refusal() {
    return succession == null && operator == null ? host.refusal() : "another upgrade is under way";
  }

  /** Tells the operator who waits, if one does, how far the upgrade is, or how it has ended. */
  void report(Message message) {
    Line asked = operator;
    if (asked != null) {
      var unused = asked.send(message);
      if (message.kind() != Kind.PROGRESS) {
        operator = null;
      }
    }
  }

  ScheduledFuture<?> after(Duration time, Runnable task) {
    return listening.eventLoop().schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The successor has not taken over: the next one may. */
  void givenUp() {
    succession = null;
  }

  /** An operator asks for an upgrade: starts the process that will take over. */
  private void upgrade(Line line) {
    String why = refusal();
    if (why != null) {
      refuse(line, why);
      return;
    }
    try {
      long pid = SuccessorProcess.start();
      operator = line;
      report(Message.told(Kind.PROGRESS, "process " + pid + " was started"));
      log.info("An upgrade was asked for: process {} was started", pid);
      awaitHello(pid, System.nanoTime() + START.toNanos());
    } catch (IOException e) {
      refuse(line, "no process could be started: " + e.getMessage());
    }
  }

  private void awaitHello(long pid, long deadline) {
    if (succession != null || operator == null) {
      return;
    }
    if (ProcessHandle.of(pid).map(ProcessEnd::hasEnded).orElse(true)) {
      report(
          Message.told(Kind.REFUSED, "process " + pid + " ended at its start; its log says why"));
    } else if (System.nanoTime() - deadline > 0) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      report(
          Message.told(
              Kind.REFUSED,
              "process " + pid + " did not ask for the sockets in time, and was killed"));
    } else {
      var unused = after(Duration.ofMillis(100), () -> awaitHello(pid, deadline));
    }
  }

  /** A connection that has not said yet what it is for. */
  private final class FirstMessage implements Line.Listener {
    private final Line line;

    FirstMessage(Line line) {
      this.line = line;
    }

    @Override
    public void message(Message message) {
      switch (message.kind()) {
        case UPGRADE -> upgrade(line);
        case HELLO -> {
          String why =
              succession == null ? host.refusal() : "another process is taking over already";
          if (why != null) {
            refuse(line, why);
          } else {
            Succession begun = new Succession(HandoverServer.this, line, message);
            succession = begun;
            line.listen(begun);
            begun.begin();
          }
        }
        default -> line.close();
      }
    }

    @Override
    public void descriptor(FileDescriptor descriptor) {
      line.close();
    }

    @Override
    public void closed() {
      if (line == operator) {
        operator = null;
      }
    }
  }
}
