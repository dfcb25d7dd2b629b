package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes of RabbitMQ with a quorum queue, as {@code deploy/recipes/rabbitmq.md} has them.
 * Clients publish all the time, each message once, and wait until it is confirmed.
 */
class RabbitmqIT {
  private static final int CLIENTS = 2;
  private static final int SOME = 50;
  private static final int PATIENCE_MILLIS = 60_000;
  private static final String QUORUM = "orders";
  private static final String CLASSIC = "mails";

  @TempDir private Path folder;
  private RabbitmqCluster cluster;
  private Recipe recipe;
  private Writers writers;

  @BeforeEach
  void start() throws Exception {
    cluster = RabbitmqCluster.start(folder, 3);
    recipe =
        Recipe.start(
            folder,
            "rabbitmq.md",
            Map.of(
                "mq-1.internal:5672", cluster.node(1).address(),
                "mq-2.internal:5672", cluster.node(2).address(),
                "mq-3.internal:5672", cluster.node(3).address()));
    recipe.awaitServing("mq-1");
    declare(QUORUM, "quorum");
    writers = new Writers(CLIENTS, this::session);
    writers.awaitMore(SOME);
  }

  /** A client's connection, which is not opened anew by itself. */
  private Connection connect() throws IOException, TimeoutException {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(recipe.port());
    factory.setConnectionTimeout(PATIENCE_MILLIS);
    factory.setHandshakeTimeout(PATIENCE_MILLIS);
    factory.setChannelRpcTimeout(PATIENCE_MILLIS);
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  private void declare(String queue, String type) throws Exception {
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", type));
    }
  }

  private void publish(String queue, String message) throws Exception {
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      publish(channel, queue, message);
    }
  }

  private static void publish(Channel channel, String queue, String message) throws Exception {
    channel.basicPublish(
        "", queue, MessageProperties.PERSISTENT_BASIC, message.getBytes(StandardCharsets.US_ASCII));
    channel.waitForConfirmsOrDie(PATIENCE_MILLIS);
  }

  private Writers.Session session() throws Exception {
    Connection connection = connect();
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    return new Writers.Session() {
      @Override
      public void write(long number) throws Exception {
        publish(channel, QUORUM, Long.toString(number));
      }

      @Override
      public void close() {
        connection.abort(1);
      }
    };
  }

  private void awaitServedBy(String server) {
    recipe.awaitServing(server);
    writers.awaitMore(SOME);
  }

  /** Ends the publishing; all confirmed messages are in the queue. */
  private void assertNothingLost() throws Exception {
    writers.close();
    Set<String> confirmed =
        writers.written().stream()
            .map(each -> Long.toString(each.number()))
            .collect(Collectors.toSet());
    System.out.printf(
        "confirmed %d, failed %d, longest gap %d ms%n",
        confirmed.size(), writers.failures(), writers.longestGapMillis());
    Set<String> received = ConcurrentHashMap.newKeySet();
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      channel.basicConsume(
          QUORUM,
          true,
          (tag, delivery) ->
              received.add(new String(delivery.getBody(), StandardCharsets.US_ASCII)),
          tag -> {});
      Await.until("every confirmed message is there", () -> received.containsAll(confirmed));
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {writers, recipe, cluster}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void a_frozen_node_loses_no_confirmed_message_and_its_deliveries_come_again() throws Exception {
    declare("deliveries", "quorum");
    publish("deliveries", "unacknowledged");
    CountDownLatch reset = new CountDownLatch(1);
    Connection consumer = connect();
    consumer.addShutdownListener(cause -> reset.countDown());
    assertThat(consumer.createChannel().basicGet("deliveries", false)).isNotNull();

    cluster.node(1).freeze();
    Await.open("the client's connection is reset", reset);
    awaitServedBy("mq-2");
    Await.until("the message comes again", () -> isRedelivered("deliveries"));

    cluster.node(1).thaw();
    recipe.awaitVerdict("mq-1", "UP", "");
    writers.awaitMore(SOME);
    assertThat(recipe.serves("mq-2")).isTrue();
    assertNothingLost();
  }

  /** Whether the queue delivers a message once more; false also while it does not answer. */
  private boolean isRedelivered(String queue) throws TimeoutException {
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      GetResponse got = channel.basicGet(queue, true);
      return got != null && got.getEnvelope().isRedeliver();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void a_drained_node_is_left_and_a_blocked_or_lonely_one_is_no_better_than_others()
      throws Exception {
    cluster.node(1).run("rabbitmq-upgrade", "drain");
    awaitServedBy("mq-2");
    recipe.awaitVerdict("mq-1", "DOWN", "");
    cluster.node(1).run("rabbitmq-upgrade", "revive");
    recipe.awaitVerdict("mq-1", "UP", "");
    assertThat(recipe.serves("mq-2")).isTrue();

    CountDownLatch blocked = new CountDownLatch(1);
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      connection.addBlockedListener(reason -> blocked.countDown(), () -> {});
      cluster.node(3).run("rabbitmqctl", "set_vm_memory_high_watermark", "0.000001");
      channel.basicPublish("", QUORUM, null, new byte[0]);
      Await.open("publishers are blocked at mq-2 by the alarm of mq-3", blocked);
      recipe.awaitVerdict("mq-3", "UP", "");
      cluster.node(3).run("rabbitmqctl", "set_vm_memory_high_watermark", "0.4");
    }
    writers.awaitMore(SOME);

    declare(CLASSIC, "classic");
    publish(CLASSIC, "kept");
    cluster.node(2).kill();
    awaitServedBy("mq-1");
    assertThatIOException().isThrownBy(() -> declare(CLASSIC, "classic"));
    publish(CLASSIC, "dropped");

    cluster.node(3).kill();
    recipe.awaitVerdict("mq-1", "DOWN", "");
    Await.until("nobody serves", () -> !recipe.serves("mq-1"));

    cluster.node(2).start();
    cluster.node(3).start();
    writers.awaitMore(SOME);
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      assertThat(channel.basicGet(CLASSIC, true))
          .extracting(GetResponse::getBody)
          .isEqualTo("kept".getBytes(StandardCharsets.US_ASCII));
      assertThat(channel.basicGet(CLASSIC, true)).isNull();
    }
    assertNothingLost();
  }
}
