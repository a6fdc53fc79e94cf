// The Paho C client as its documentation has it for store and forward: MQTTAsync, file persistence,
// sending allowed before and between connections. Reads one message a line, hands it to
// MQTTAsync_sendMessage, and answers "ID NANOSECONDS" (CLOCK_MONOTONIC, right before the call) when
// that has said yes. Arguments: server, client id, directory, topic.

#include <MQTTAsync.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void refused(void *context, MQTTAsync_failureData *data) {
  fprintf(stderr, "connect: %d\n", data ? data->code : 0);
}

static void begin(MQTTAsync client) {
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
  options.cleansession = 0;
  options.keepAliveInterval = 10;
  options.automaticReconnect = 1;
  options.minRetryInterval = 1;
  options.maxRetryInterval = 2;
  options.maxInflight = 100;
  options.onFailure = refused;
  int rc = MQTTAsync_connect(client, &options);
  if (rc != MQTTASYNC_SUCCESS) fprintf(stderr, "connect call: %d\n", rc);
}

int main(int argc, char **argv) {
  static char line[65536];
  MQTTAsync client;
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
  if (argc != 5) return 64;
  create.sendWhileDisconnected = 1;
  create.allowDisconnectedSendAtAnyTime = 1;
  create.maxBufferedMessages = 100000;
  int rc = MQTTAsync_createWithOptions(&client, argv[1], argv[2], MQTTCLIENT_PERSISTENCE_DEFAULT,
                                       argv[3], &create);
  if (rc != MQTTASYNC_SUCCESS) return 70;
  begin(client);
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    struct timespec now;
    size_t length = strcspn(line, "\n");
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = line;
    message.payloadlen = (int)length;
    message.qos = 1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    rc = MQTTAsync_sendMessage(client, argv[4], &message, NULL);
    if (rc == MQTTASYNC_SUCCESS)
      printf("%.*s %lld\n", (int)strcspn(line, " "), line,
             (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
    else
      fprintf(stderr, "send: %d\n", rc);
  }
  return 0;
}
