package dev.understudy.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.testing.Await;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** A collector that takes OTLP over HTTP and decodes it with OpenTelemetry's own classes. */
public final class OtlpSink implements AutoCloseable {
  private static final String PATH = "/v1/traces";

  private final HttpServer server;
  private final List<ResourceSpans> resources = new CopyOnWriteArrayList<>();
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final CountDownLatch thawed = new CountDownLatch(1);
  private volatile boolean frozen;

  public OtlpSink() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("sink-", 0).factory()));
    server.createContext(PATH, this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    ExportTraceServiceRequest request = read(exchange);
    if (frozen) {
      Await.open("the sink is thawed", thawed);
    }
    resources.addAll(request.getResourceSpansList());
    request.getResourceSpansList().stream()
        .flatMap(each -> each.getScopeSpansList().stream())
        .forEach(each -> spans.addAll(each.getSpansList()));
    byte[] response = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, response.length == 0 ? -1 : response.length);
    exchange.close();
  }

  private static ExportTraceServiceRequest read(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream body = exchange.getRequestBody();
        InputStream plain = zipped ? new GZIPInputStream(body) : body) {
      return ExportTraceServiceRequest.parseFrom(plain);
    }
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
  }

  /** From now on takes requests and does not respond, until {@link #close}. */
  public void freeze() {
    frozen = true;
  }

  /** All spans so far. */
  public List<Span> spans() {
    return spans;
  }

  /** What sent them. */
  public List<ResourceSpans> resources() {
    return resources;
  }

  /** The span of the request with that {@code X-Request-Id}, once it is here. */
  public Span request(String id) {
    Await.until(
        "the span of request " + id,
        () -> spans.stream().anyMatch(each -> id.equals(text(each, "understudy.request_id"))));
    return spans.stream()
        .filter(each -> id.equals(text(each, "understudy.request_id")))
        .findFirst()
        .orElseThrow();
  }

  /** The spans of attempts of that request, in the order of their ends. */
  public List<Span> attempts(Span request) {
    return spans.stream()
        .filter(each -> each.getParentSpanId().equals(request.getSpanId()))
        .sorted(Comparator.comparingLong(Span::getEndTimeUnixNano))
        .toList();
  }

  public static String traceId(Span span) {
    return HexFormat.of().formatHex(span.getTraceId().toByteArray());
  }

  public static String spanId(Span span) {
    return HexFormat.of().formatHex(span.getSpanId().toByteArray());
  }

  public static String parentId(Span span) {
    return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
  }

  /** The value of an attribute as text; null without it. */
  public static String text(Span span, String name) {
    return span.getAttributesList().stream()
        .filter(each -> each.getKey().equals(name))
        .map(KeyValue::getValue)
        .map(OtlpSink::text)
        .findFirst()
        .orElse(null);
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      default -> value.toString();
    };
  }

  @Override
  public void close() {
    thawed.countDown();
    server.stop(0);
  }
}
