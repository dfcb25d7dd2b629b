package dev.understudy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * An HTTP/1.1 server on raw sockets that can be killed, frozen and started again, and whose
 * responses are bytes that a test writes.
 */
public final class TestServer implements AutoCloseable {
  /** What a test does with a request. */
  @FunctionalInterface
  public interface Script {
    void respond(Call call) throws Exception;
  }

  private final String name;
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Object gate = new Object();
  private volatile Script script;
  private volatile ServerSocket listening;
  private volatile boolean frozen;
  private Socket reserved;
  private final int port;
  private final SSLContext tls;

  public TestServer(String name) {
    this(name, call -> call.reply(200, name));
  }

  public TestServer(String name, Script script) {
    this(name, script, null);
  }

  /** One that speaks https. */
  public TestServer(String name, Script script, SSLContext tls) {
    this.name = name;
    this.script = script;
    this.tls = tls;
    listen(0);
    port = listening.getLocalPort();
  }

  public int port() {
    return port;
  }

  public void script(Script next) {
    script = next;
  }

  /** Requests whose head came in, in order. */
  public List<Call> calls() {
    return calls;
  }

  /** Connections accepted so far. */
  public int connections() {
    return connections.get();
  }

  public int openConnections() {
    return open.size();
  }

  /** As {@code kill -9}: connections are reset, new ones refused. */
  public void kill() {
    try {
      listening.close();
      Await.until("nobody listens any more", this::reserve);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(TestServer::reset);
  }

  /** The same where no call is being answered; returns once its connections are reset. */
  public void killIdle() {
    kill();
    // A socket in which a thread reads is closed by that thread.
    Await.until("its connections are reset", () -> openConnections() == 0);
  }

  /**
   * Keeps the port from everybody else: bound but not listened on, so that connections are refused.
   * Possible only once the listening socket is gone, a little after its close.
   */
  private boolean reserve() throws IOException {
    if (reserved == null) {
      Socket socket = new Socket();
      socket.setReuseAddress(true);
      try {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (BindException e) {
        socket.close();
        return false;
      }
      reserved = socket;
    }
    return true;
  }

  private void giveBack() {
    try {
      if (reserved != null) {
        reserved.close();
        reserved = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After {@link #kill}: the same port again. */
  public void restart() {
    giveBack();
    listen(port);
  }

  /** As {@code kill -STOP}: the kernel accepts, nothing is read or answered. */
  public void freeze() {
    frozen = true;
  }

  public void thaw() {
    synchronized (gate) {
      frozen = false;
      gate.notifyAll();
    }
  }

  /** Closes all connections politely, as an idle time-out does. */
  public void closeConnections() {
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    thaw();
    kill();
    giveBack();
  }

  private void listen(int onPort) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), 256);
      listening = socket;
      Thread.ofVirtual().name(name).start(() -> accept(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        awaitThaw();
        int number = connections.incrementAndGet();
        open.add(socket);
        if (from.isClosed()) {
          reset(socket);
        }
        Thread.ofVirtual().start(() -> serve(socket, number));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket raw, int number) {
    try (raw;
        Socket socket = tls == null ? raw : secure(raw)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        String head = readHead(in);
        awaitThaw();
        if (head == null) {
          return;
        }
        Call call = new Call(number, raw, socket, in, head);
        calls.add(call);
        script.respond(call);
        call.drain();
      }
    } catch (Exception e) {
      // The connection ends here, as a test or the peer wished.
    } finally {
      open.remove(raw);
    }
  }

  private Socket secure(Socket raw) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            tls.getSocketFactory()
                .createSocket(raw, raw.getInetAddress().getHostAddress(), raw.getPort(), true);
    socket.setUseClientMode(false);
    return socket;
  }

  private void awaitThaw() {
    synchronized (gate) {
      while (frozen) {
        try {
          gate.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    return Http1Input.readHead(in, out) ? out.toString(StandardCharsets.ISO_8859_1) : null;
  }

  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }

  /** One request and the connection it came on. */
  public final class Call {
    private final int connection;
    private final Socket raw;
    private final Socket socket;
    private final InputStream in;
    private final String head;
    private byte[] body;

    Call(int connection, Socket raw, Socket socket, InputStream in, String head) {
      this.connection = connection;
      this.raw = raw;
      this.socket = socket;
      this.in = in;
      this.head = head;
    }

    /** The number of its connection, from 1, in the order in which they were accepted. */
    public int connection() {
      return connection;
    }

    /** Request line and header fields as they came. */
    public String head() {
      return head;
    }

    public String line() {
      return head.substring(0, head.indexOf("\r\n"));
    }

    /** All values of that field, in order. */
    public List<String> headers(String field) {
      return Response.headers(head, field);
    }

    public String header(String field) {
      return Response.header(head, field);
    }

    public Socket socket() {
      return socket;
    }

    public InputStream in() {
      return in;
    }

    /** The body, read to its end on the first call. */
    public synchronized byte[] body() throws IOException {
      if (body == null) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        readBody(out);
        body = out.toByteArray();
      }
      return body;
    }

    public String text() throws IOException {
      return new String(body(), StandardCharsets.UTF_8);
    }

    /** Reads the body without keeping it; returns its length. */
    public synchronized long skipBody() throws IOException {
      body = new byte[0];
      long[] length = new long[1];
      readBody(
          new OutputStream() {
            @Override
            public void write(int b) {
              length[0]++;
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
              length[0] += count;
            }
          });
      return length[0];
    }

    private void readBody(OutputStream out) throws IOException {
      String length = header("content-length");
      if (length != null) {
        copy(Long.parseLong(length), out);
      } else if ("chunked".equals(header("transfer-encoding"))) {
        while (true) {
          long size = Long.parseLong(readLine().toLowerCase(Locale.ROOT), 16);
          if (size == 0) {
            while (!readLine().isEmpty()) {
              // Trailers are looked at by nobody here.
            }
            return;
          }
          copy(size, out);
          readLine();
        }
      }
    }

    private void copy(long count, OutputStream out) throws IOException {
      byte[] buffer = new byte[65536];
      long left = count;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new IOException("the body ended early");
        }
        out.write(buffer, 0, n);
        left -= n;
      }
    }

    public String readLine() throws IOException {
      return Http1Input.readLine(in);
    }

    void drain() throws IOException {
      body();
    }

    public void reply(int status, String text) throws IOException {
      body();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      awaitThaw();
      write("HTTP/1.1 " + status + " X\r\nContent-Length: " + bytes.length + "\r\n\r\n" + text);
    }

    /** Writes bytes as they are. */
    public void write(String raw) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(raw.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    /** Ends the connection with a FIN. */
    public void close() throws IOException {
      socket.close();
    }

    /** Ends the connection with a FIN and, over TLS, without the closure alert. */
    public void cut() throws IOException {
      raw.close();
    }

    /** Ends the connection with a RST. */
    public void reset() {
      TestServer.reset(raw);
    }
  }
}
