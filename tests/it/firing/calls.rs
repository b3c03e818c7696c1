//! How often a firing calls the cloud.

use super::ALL;
use super::world::World;

const LIST: &str = "getServerInstanceList";

#[tokio::test]
async fn a_firing_makes_no_call_more_than_its_servers_need() {
    for (servers, stops, most_follow_ups) in [(1, 1, 3), (20, 1, 3), (21, 2, 3), (101, 6, 6)] {
        let fleet =
            format!("[[servers]]\nname = \"dev\"\ncount = {servers}\nstop_takes = \"5s\"\n");
        let world = World::of(&fleet, &format!("{ALL}max_instances = 101\n")).await;
        assert_eq!(world.fire().await.len(), servers);
        let requests = world.cloud.requests();
        let calls = |action: &str, names_servers: bool| {
            let asked = requests.iter().filter(|request| request.action == action);
            asked.filter(|request| request.instances.is_empty() != names_servers).count()
        };
        let follow_ups = calls(LIST, true);
        assert_eq!(
            (
                calls("getRegionList", false),
                calls(LIST, false),
                calls("stopServerInstances", true),
                requests.len() - follow_ups,
            ),
            (1, 1, stops, 2 + stops),
            "{servers} servers: regions, lists, stops and all of them together"
        );
        // Each server is seen stopped at the second look, a look names a hundred at a time, and
        // on a loaded machine one look more may be due before anything is asked.
        assert!(follow_ups <= most_follow_ups, "{servers} servers: {follow_ups} follow-ups");
    }
}
