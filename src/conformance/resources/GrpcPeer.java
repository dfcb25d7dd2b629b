import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A real gRPC server and client in a process of their own: {@code server}, which prints its port
 * and then each cancelled call, or {@code client PORT}, which makes calls over TLS and prints what
 * came of each. Run from source, since gRPC on the class path of the tests would change what Spring
 * Cloud Gateway configures.
 */
final class GrpcPeer {
  private static final MethodDescriptor<String, String> UNARY = method("unary", MethodType.UNARY);
  private static final MethodDescriptor<String, String> MANY =
      method("many", MethodType.SERVER_STREAMING);
  private static final MethodDescriptor<String, String> BIDI =
      method("bidi", MethodType.BIDI_STREAMING);
  private static final MethodDescriptor<String, String> HEALTH =
      named("grpc.health.v1.Health/Check", MethodType.UNARY);

  private GrpcPeer() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("server")) {
      serve();
    } else {
      call(Integer.parseInt(args[1]), args[0].equals("client"));
    }
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return named("test.Echo/" + name, type);
  }

  private static MethodDescriptor<String, String> named(String fullName, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(fullName)
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void serve() throws Exception {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("test.Echo")
            .addMethod(UNARY, ServerCalls.asyncUnaryCall(GrpcPeer::unary))
            .addMethod(MANY, ServerCalls.asyncServerStreamingCall(GrpcPeer::many))
            .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(GrpcPeer::echo))
            .build();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .addService(
                ServerServiceDefinition.builder("grpc.health.v1.Health")
                    .addMethod(HEALTH, ServerCalls.asyncUnaryCall(GrpcPeer::health))
                    .build())
            .build()
            .start();
    System.out.println(server.getPort());
    server.awaitTermination();
  }

  /** Field 1 of both messages, which are ASCII: the service, and the status SERVING. */
  private static void health(String request, StreamObserver<String> response) {
    if (request.isEmpty() || request.equals("\n\u0009test.Echo")) {
      response.onNext("\b\u0001");
      response.onCompleted();
    } else {
      response.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
    }
  }

  private static void unary(String request, StreamObserver<String> response) {
    if (request.equals("fail")) {
      response.onError(Status.NOT_FOUND.withDescription("no such thing").asRuntimeException());
    } else if (request.equals("never")) {
      ((ServerCallStreamObserver<String>) response)
          .setOnCancelHandler(() -> System.out.println("cancelled: unary"));
    } else {
      response.onNext("hello " + request);
      response.onCompleted();
    }
  }

  private static void many(String request, StreamObserver<String> response) {
    for (int i = 0; i < Integer.parseInt(request); i++) {
      response.onNext("message " + i);
    }
    response.onError(Status.DATA_LOSS.asRuntimeException());
  }

  private static StreamObserver<String> echo(StreamObserver<String> response) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String value) {
        response.onNext(value + "!");
      }

      @Override
      public void onError(Throwable cause) {
        System.out.println("cancelled: bidi");
      }

      @Override
      public void onCompleted() {
        response.onCompleted();
      }
    };
  }

  private static void call(int port, boolean secure) throws Exception {
    NettyChannelBuilder to =
        NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .overrideAuthority("localhost");
    ManagedChannel channel =
        (secure
                ? to.sslContext(
                    GrpcSslContexts.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build())
                : to.usePlaintext())
            .build();
    System.out.println("small: " + unary(channel, "x"));
    String large = unary(channel, "x".repeat(1_000_000));
    System.out.println("large: " + (large.length() > 10_000 ? large.length() : large));
    System.out.println("failed: " + unary(channel, "fail"));
    System.out.println("unknown: " + unary(channel, method("unknown", MethodType.UNARY), "x"));
    System.out.println("many: " + many(channel));
    System.out.println("to and fro: " + toAndFro(channel));
    System.out.println("late: " + late(channel));
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private static String unary(Channel channel, String request) {
    return unary(channel, UNARY, request);
  }

  private static String unary(
      Channel channel, MethodDescriptor<String, String> method, String request) {
    try {
      return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + " " + e.getStatus().getDescription();
    }
  }

  private static String many(Channel channel) {
    Iterator<String> messages =
        ClientCalls.blockingServerStreamingCall(channel, MANY, CallOptions.DEFAULT, "5000");
    int count = 0;
    try {
      while (messages.hasNext()) {
        messages.next();
        count++;
      }
      return count + " OK";
    } catch (StatusRuntimeException e) {
      return count + " " + e.getStatus().getCode();
    }
  }

  private static String toAndFro(Channel channel) throws InterruptedException {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    StreamObserver<String> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(BIDI, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(String value) {
                events.add(value);
              }

              @Override
              public void onError(Throwable cause) {
                events.add(cause.toString());
              }

              @Override
              public void onCompleted() {
                events.add("completed");
              }
            });
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      requests.onNext(Integer.toString(i));
      all.append(events.poll(20, TimeUnit.SECONDS));
    }
    requests.onCompleted();
    return all.append(events.poll(20, TimeUnit.SECONDS)).toString();
  }

  private static String late(Channel channel) {
    try {
      return ClientCalls.blockingUnaryCall(
          channel,
          UNARY,
          CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS),
          "never");
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode().toString();
    }
  }
}
