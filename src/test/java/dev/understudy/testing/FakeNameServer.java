package dev.understudy.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A DNS server on 127.0.0.1 (UDP) whose answers can be changed; an unknown name is NXDOMAIN. */
public final class FakeNameServer implements AutoCloseable {
  private record Answer(long ttlSeconds, List<InetAddress> addresses) {}

  private record Alias(long ttlSeconds, String target) {}

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Alias> aliases = new ConcurrentHashMap<>();
  private final Map<String, List<Service>> services = new ConcurrentHashMap<>();
  private final AtomicInteger queries = new AtomicInteger();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final Channel channel;
  private volatile boolean silent;

  public FakeNameServer() {
    channel =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new DatagramDnsQueryDecoder(),
                            new DatagramDnsResponseEncoder(),
                            new Answering());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  /** The ports of those that asked for addresses. */
  public Set<Integer> ports() {
    return ports;
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** From now on {@code name} has these addresses, in this order. */
  public void answer(String name, long ttlSeconds, InetAddress... addresses) {
    answers.put(name.toLowerCase(Locale.ROOT), new Answer(ttlSeconds, List.of(addresses)));
  }

  /** From now on {@code name} is another name for {@code target} (CNAME). */
  public void alias(String name, long ttlSeconds, String target) {
    aliases.put(name.toLowerCase(Locale.ROOT), new Alias(ttlSeconds, target));
  }

  /** An SRV record. */
  public record Service(int priority, int port, String target) {}

  /** From now on {@code name} has these SRV records. */
  public void services(String name, Service... records) {
    services.put(name.toLowerCase(Locale.ROOT), List.of(records));
  }

  /** From now on there is no such name. */
  public void forget(String name) {
    services.remove(name.toLowerCase(Locale.ROOT));
    answers.remove(name.toLowerCase(Locale.ROOT));
  }

  /** Whether queries go unanswered. */
  public void silent(boolean silent) {
    this.silent = silent;
  }

  /** Queries for IPv4 addresses so far. */
  public int queries() {
    return queries.get();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Answering extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      if (question.type().equals(DnsRecordType.A)) {
        queries.incrementAndGet();
        ports.add(query.sender().getPort());
      }
      if (!silent) {
        ctx.writeAndFlush(response(query, question));
      }
    }

    private DatagramDnsResponse response(DatagramDnsQuery query, DnsQuestion question) {
      DatagramDnsResponse response =
          new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
      response.setRecursionAvailable(true);
      response.addRecord(DnsSection.QUESTION, question);
      String name = question.name();
      Alias alias = aliases.get(key(name));
      if (alias != null) {
        response.addRecord(DnsSection.ANSWER, cname(name, alias));
        name = alias.target + ".";
      }
      if (question.type().equals(DnsRecordType.SRV) && services.containsKey(key(name))) {
        for (Service each : services.get(key(name))) {
          response.addRecord(DnsSection.ANSWER, srv(name, each));
        }
        return response;
      }
      Answer answer = answers.get(key(name));
      if (answer == null) {
        return response.setCode(DnsResponseCode.NXDOMAIN);
      }
      int wanted = question.type().equals(DnsRecordType.A) ? 4 : 16;
      for (InetAddress address : answer.addresses) {
        byte[] bytes = address.getAddress();
        if (bytes.length == wanted) {
          response.addRecord(
              DnsSection.ANSWER,
              new DefaultDnsRawRecord(
                  name, question.type(), answer.ttlSeconds, Unpooled.wrappedBuffer(bytes)));
        }
      }
      return response;
    }

    private static String key(String question) {
      return question.substring(0, question.length() - 1).toLowerCase(Locale.ROOT);
    }

    private static DnsRecord srv(String name, Service service) {
      ByteBuf content = Unpooled.buffer();
      content.writeShort(service.priority).writeShort(1).writeShort(service.port);
      write(service.target, content);
      return new DefaultDnsRawRecord(name, DnsRecordType.SRV, 1, content);
    }

    private static void write(String name, ByteBuf to) {
      for (String label : name.split("\\.")) {
        to.writeByte(label.length());
        to.writeCharSequence(label, StandardCharsets.US_ASCII);
      }
      to.writeByte(0);
    }

    private static DnsRecord cname(String name, Alias alias) {
      ByteBuf target = Unpooled.buffer();
      write(alias.target, target);
      return new DefaultDnsRawRecord(name, DnsRecordType.CNAME, alias.ttlSeconds, target);
    }
  }
}
